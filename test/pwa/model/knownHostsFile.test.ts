import { describe, expect, it } from 'vitest'
import { fileBounds, keyTypeOf, readKnownHosts, writeKnownHosts } from '../../../pwa/model/knownHostsFile.ts'
import { blobOf } from '../../harness/blob.ts'
import { chance } from '../../harness/chance.ts'

const A = blobOf('ssh-ed25519', 'a')
const B = blobOf('ecdsa-sha2-nistp256', 'b')

describe('reading', () => {
  it('takes hosts, lists, ports, addresses, comments and markers', () => {
    const { entries, bad, comments } = readKnownHosts(
      [
        '# a comment',
        '',
        `web.example ssh-ed25519 ${A} from the owner  on paper`,
        `  Web2.Example.,[192.0.2.7]:2222,2001:db8::1\tecdsa-sha2-nistp256   ${B}\r`,
        `[bücher.example]:22 ssh-ed25519 ${A}`,
        `*.lan,!bad.lan ssh-ed25519 ${A}`,
        `@cert-authority *.example ssh-ed25519 ${A}`,
        `@revoked web.example ssh-ed25519 ${A}`,
      ].join('\n'),
    )
    expect(bad).toEqual([])
    expect(comments).toBe(1)
    expect(entries.map(({ line, about, comment }) => [line, about, comment])).toEqual([
      [3, { place: { host: 'web.example', port: 22 } }, 'from the owner on paper'],
      [4, { place: { host: 'web2.example', port: 22 } }, undefined],
      [4, { place: { host: '192.0.2.7', port: 2222 } }, undefined],
      [4, { place: { host: '2001:db8::1', port: 22 } }, undefined],
      [5, { place: { host: 'xn--bcher-kva.example', port: 22 } }, undefined],
      [6, { hosts: '*.lan,!bad.lan' }, undefined],
      [7, { hosts: '*.example', marker: 'cert-authority' }, undefined],
      [8, { hosts: 'web.example', marker: 'revoked' }, undefined],
    ])
  })

  it.each([
    ['only two words', `web ssh-ed25519`, /has hosts, a type and a key/],
    ['another type than the key', `web ssh-rsa ${A}`, /says ssh-rsa, but the key is ssh-ed25519/],
    ['half a key', `web ssh-ed25519 ${A.slice(0, 40)}`, /not a whole public key/],
    ['no base64', 'web ssh-ed25519 not-base-64!', /not a whole public key/],
    ['a key of SSH 1', 'web 1024 35 1234567890', /SSH 1/],
    ['an unknown marker', `@trusted web ssh-ed25519 ${A}`, /marker @trusted is not known/],
    ['a broken hash', `|1|abc|def ssh-ed25519 ${A}`, /hash of the host/],
    ['only negations', `!web ssh-ed25519 ${A}`, /names no host/],
    ['a port out of range', `[web]:70000 ssh-ed25519 ${A}`, /not the name of a host/],
    ['a host with a slash', `web/x ssh-ed25519 ${A}`, /not the name of a host/],
    ['a control character', `web\u0007 ssh-ed25519 ${A}`, /characters that no such file has/],
    ['too many hosts', `${'web,'.repeat(300)} ssh-ed25519 ${A}`, /more than 1024 characters/],
  ])('says of a line with %s what is wrong, and where', (_what, line, why) => {
    const { entries, bad } = readKnownHosts(`good ssh-ed25519 ${A}\n${line}\ngood2 ssh-ed25519 ${A}`)
    expect(entries.map((entry) => entry.line)).toEqual([1, 3])
    expect(bad).toEqual([{ line: 2, text: expect.any(String), why: expect.stringMatching(why) }])
    expect(bad[0]?.text.length).toBeLessThanOrEqual(60)
  })

  it('reads so many lines of a file and says that there are more', () => {
    const { entries, bad } = readKnownHosts(`web ssh-ed25519 ${A}\n`.repeat(fileBounds.lines + 5))
    expect(entries).toHaveLength(fileBounds.lines)
    expect(bad).toMatchObject([{ line: fileBounds.lines + 1, why: expect.stringContaining('too long') }])
  })
})

it('writes what it reads, and what is local to a relay as a comment', () => {
  const keys = [{ type: 'ssh-ed25519', key: A, addedAt: 1, comment: 'mine' }]
  const announced = { type: 'ecdsa-sha2-nistp256', key: B, addedAt: 1, from: 'announced' as const }
  const text = writeKnownHosts(
    [
      { id: 'web.example:22', keys: [...keys, announced] },
      { id: '[2001:db8::1]:2222', keys },
      { id: '127.0.0.1:22 via r', keys },
      { id: 'line 1', keys, line: { hosts: '*.lan', marker: 'revoked' } },
    ],
    (id) => `the relay ${id}`,
  )
  expect(text).toBe(
    [
      `web.example ssh-ed25519 ${A} mine`,
      `[2001:db8::1]:2222 ssh-ed25519 ${A} mine`,
      `# through relay the relay r: 127.0.0.1 ssh-ed25519 ${A} mine`,
      `@revoked *.lan ssh-ed25519 ${A} mine`,
      '',
    ].join('\n'),
  )
  const again = readKnownHosts(text)
  expect([again.entries.length, again.comments, again.bad]).toEqual([3, 1, []])
})

it('knows the type of a key by its blob', () => {
  expect(keyTypeOf(A)).toBe('ssh-ed25519')
  expect(keyTypeOf('')).toBeUndefined()
  expect(keyTypeOf('AAAA')).toBeUndefined()
  expect(keyTypeOf(btoa('\0\0\0\x0bssh-ed25519'))).toBeUndefined()
})

it('100,000 lines that are nearly entries: none makes it throw, none is lost', () => {
  const random = chance(4)
  const words = [
    'web.example',
    '[web]:22',
    '*',
    '!a',
    '|1|',
    'ssh-ed25519',
    'ssh-rsa',
    A,
    B,
    A.slice(0, 9),
    '@revoked',
    '@',
    '#',
    ',',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\0',
    'é',
    '\ud800',
    '[',
    ']:',
    '99999',
    '::1',
    '%eth0',
    '=',
    '\u202e',
    '1024',
  ]
  let inputs = 0
  while (inputs < 100_000) {
    const text = Array.from(
      { length: 1 + random(30) },
      () => words[random(words.length)] + (random(3) ? ' ' : '\n'),
    ).join('')
    const { entries, bad, comments } = readKnownHosts(text)
    const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '').length
    const read = new Set(entries.map(({ line }) => line)).size + bad.length + comments
    if (read !== lines) expect({ text, read }).toEqual({ text, read: lines })
    inputs += lines
  }
}, 120_000)
