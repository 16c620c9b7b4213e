import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import {
  attachBytes,
  authoriseBytes,
  bounds,
  type ClientEvent,
  clientEventNames,
  clientEvents,
  redact,
  serverEventNames,
} from '../../shared/protocol.ts'

const connect = { sessionId: 's', host: 'h', username: 'u' }
const ofPath = { sessionId: 's', path: '/' }
const ofHandle = { sessionId: 's', handle: 1 }

const valid: Record<ClientEvent, Record<string, unknown>> = {
  'relay-ping': {},
  'ssh-connect': connect,
  'ssh-data': { sessionId: 's', data: 'x' },
  'ssh-ack': { sessionId: 's', offset: 0 },
  'ssh-screen': { sessionId: 's', offset: 0, data: '', cols: 80, rows: 24 },
  'ssh-resize': { sessionId: 's', cols: 80, rows: 24 },
  'ssh-attach': { sessionId: 's', offset: 0, signature: new Uint8Array(64) },
  'ssh-detach': { sessionId: 's' },
  'ssh-authorise': { sessionId: 's', key: new Uint8Array(91), signature: new Uint8Array(64) },
  'session-list': {},
  'session-end': { sessionId: 's' },
  'ssh-answer': { sessionId: 's', promptId: 'p', answer: { kind: 'cancel' } },
  'ssh-disconnect': { sessionId: 's' },
  'sftp-connect': connect,
  'sftp-list': { sessionId: 's', path: '/' },
  'sftp-realpath': ofPath,
  'sftp-stat': ofPath,
  'sftp-lstat': ofPath,
  'sftp-fstat': ofHandle,
  'sftp-setstat': { ...ofPath, attributes: { mode: 0o644, uid: 0, gid: 0 } },
  'sftp-fsetstat': { ...ofHandle, attributes: { size: 0, atime: 0, mtime: 0 } },
  'sftp-open': { ...ofPath, read: true },
  'sftp-read': { ...ofHandle, offset: 0, length: 1 },
  'sftp-write': { ...ofHandle, offset: 0, data: new Uint8Array(1) },
  'sftp-close': ofHandle,
  'sftp-mkdir': ofPath,
  'sftp-rmdir': ofPath,
  'sftp-remove': ofPath,
  'sftp-rename': { sessionId: 's', from: '/a', to: '/b' },
  'sftp-readlink': ofPath,
  'sftp-symlink': { ...ofPath, target: '/b' },
  'sftp-hardlink': { sessionId: 's', from: '/a', to: '/b' },
  'sftp-statvfs': ofPath,
  'sftp-fsync': ofHandle,
  'sftp-copy': { ...ofHandle, offset: 0, length: 1, to: { handle: 2, offset: 0 } },
  'sftp-put': { ...ofPath, data: new Uint8Array(1), existing: 'refuse' },
  'sftp-get': ofPath,
  'sftp-hash': ofPath,
  'sftp-offer': { ...ofPath, id: '0'.repeat(32), name: 'a' },
  'sftp-disconnect': { sessionId: 's' },
}

const fits = (event: ClientEvent, payload: unknown) => v.safeParse(clientEvents[event].payload, payload).success

describe.each(clientEventNames)('%s', (event) => {
  test('takes what it documents', () => expect(fits(event, valid[event])).toBe(true))

  test.each([null, 1, 'text', true])('refuses %j as payload', (payload) => expect(fits(event, payload)).toBe(false))

  test('R-VAL-02 refuses wrong values in each field that must be there', () => {
    for (const field of Object.keys(valid[event])) {
      for (const wrong of [undefined, null, {}, [], true, Number.NaN, -1, '', '\0', '\ud800', 'x'.repeat(700_000)]) {
        if (field === 'data' && wrong !== null && typeof wrong === 'string' && wrong.length < bounds.data) continue
        if ((field === 'cols' || field === 'rows') && wrong === -1) continue
        if (wrong === valid[event][field]) continue
        // Nothing to be changed is no mistake, and an empty array has no entries either.
        if (field === 'attributes' && typeof wrong === 'object' && wrong !== null) continue
        const payload = { ...valid[event], [field]: wrong }
        expect(fits(event, payload), `${field}: ${String(wrong).slice(0, 20)}`).toBe(false)
      }
    }
  })

  test('A-TOK-05 no secret field is in what may be logged', () => {
    const canary = 'canary-hunter2'
    const entry: { doc: string; secret?: readonly string[] } = clientEvents[event]
    const secret = entry.secret ?? []
    const payload: Record<string, unknown> = { ...valid[event], unknown: canary, __proto__x: canary }
    for (const field of secret) payload[field] = { value: canary }
    for (const field of ['password', 'privateKey', 'passphrase', 'token']) payload[field] ??= canary
    const logged = JSON.stringify(redact(event, payload))
    expect(logged).not.toContain(canary)
    for (const field of secret) if (logged.includes(field)) expect(logged).toContain(`"${field}":"***"`)
  })
})

test('the size of a terminal is cut to its bounds, and what is no number is refused', () => {
  const parse = (cols: unknown) => v.safeParse(clientEvents['ssh-resize'].payload, { sessionId: 's', cols, rows: 1 })
  expect(parse(0).output).toMatchObject({ cols: 1 })
  expect(parse(1e9).output).toMatchObject({ cols: bounds.dimension })
  expect(parse(80.9).output).toMatchObject({ cols: 80 })
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, '80', null]) expect(parse(wrong).success).toBe(false)
})

test('S-LST-02 a path may hold what stands for bytes, and nothing else that is no text', () => {
  for (const path of ['/caf\udce9', '/\udc80', '/🛟']) expect(fits('sftp-stat', { ...ofPath, path })).toBe(true)
  for (const path of ['/\ud800', '/\udfff', '/a\0b', '', 'x'.repeat(4097)])
    expect(fits('sftp-stat', { ...ofPath, path })).toBe(false)
})

test('what SFTP sets together is asked for together, and a file is opened for something', () => {
  const set = (attributes: object) => fits('sftp-setstat', { ...ofPath, attributes })
  for (const half of [{ uid: 1 }, { gid: 1 }, { mtime: 1 }, { atime: 1 }, { mode: 0o200000 }, { flags: 1 }])
    expect(set(half)).toBe(false)
  expect(set({ uid: 1, gid: 1 })).toBe(true)
  expect(fits('sftp-open', { ...ofPath, create: true })).toBe(false)
})

test('seed clients get the documented defaults', () => {
  expect(v.parse(clientEvents['ssh-connect'].payload, connect)).toMatchObject({ port: 22, cols: 80, rows: 24 })
})

test('R-VAL-03 keys that are not named do not pass through', () => {
  const parsed = v.parse(clientEvents['ssh-connect'].payload, {
    ...connect,
    sock: 1,
    agent: 'x',
    debug: 1,
    algorithms: {},
  })
  for (const name of ['sock', 'agent', 'debug', 'algorithms']) expect(parsed).not.toHaveProperty(name)
})

test('bytes are the same bytes whether Node or a browser has received them', () => {
  const payload = (data: unknown) => v.parse(clientEvents['ssh-data'].payload, { sessionId: 's', data }).data
  for (const data of [Buffer.from('hi'), new TextEncoder().encode('hi').buffer]) {
    expect(Buffer.from(payload(data) as Uint8Array).toString()).toBe('hi')
  }
})

test('names of events are those of the seed or follow its grammar', () => {
  for (const name of [...clientEventNames, ...serverEventNames])
    expect(name).toMatch(/^(ssh|sftp|relay|session)-[a-z]+(-[a-z]+)?$/)
})

test('what an attach signs differs wherever one of its parts does', () => {
  const parts = { nonce: 'n', epoch: 'e', sessionId: 's', offset: 1 }
  const others = [{ nonce: 'n2' }, { epoch: 'x' }, { sessionId: 's\n1' }, { offset: 2 }, { nonce: 'n\ne', epoch: '' }]
  const texts = [parts, ...others.map((other) => ({ ...parts, ...other }))].map((each) =>
    Buffer.from(attachBytes(each)).toString(),
  )
  expect(new Set(texts).size).toBe(texts.length)
})

test('what an authorisation signs differs wherever one of its parts does, and is never what an attach signs', () => {
  const parts = { nonce: 'n', epoch: 'e', sessionId: 's', key: new Uint8Array([1, 2]), once: 1 }
  const others = [
    { nonce: 'n2' },
    { epoch: 'x' },
    { sessionId: 's2' },
    { key: new Uint8Array([1, 2, 0]) },
    { once: 2 },
    { once: undefined },
  ]
  const texts = [parts, ...others.map((other) => ({ ...parts, ...other }))].map((each) =>
    Buffer.from(authoriseBytes(each)).toString(),
  )
  expect(new Set(texts).size).toBe(texts.length)
  const attach = Buffer.from(attachBytes({ nonce: 'n', epoch: 'e', sessionId: 's', offset: 1 })).toString()
  expect(attach.split('\n')[0]).not.toBe(texts[0]?.split('\n')[0])
})
