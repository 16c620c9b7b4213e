import 'fake-indexeddb/auto'
import { createHmac, randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { fingerprint, judge, KnownHosts } from '../../../pwa/model/knownHosts.ts'
import { readKnownHosts, writeKnownHosts } from '../../../pwa/model/knownHostsFile.ts'
import { mergeOf } from '../../../pwa/model/knownHostsMerge.ts'
import { openStore, type Store } from '../../../pwa/store/db.ts'
import type { KnownHost, KnownKey } from '../../../pwa/store/schema.ts'
import { blobOf } from '../../harness/blob.ts'

const [A, B, C] = ['a', 'b', 'c'].map((seed) => blobOf('ssh-ed25519', seed)) as [string, string, string]
const RSA = blobOf('ssh-rsa', 'r')

const known = (key: string, more: Partial<KnownKey> = {}): KnownKey => ({
  type: 'ssh-ed25519',
  key,
  addedAt: 1,
  ...more,
})
const of = (...keys: KnownKey[]): KnownHost => ({ id: 'h:22', keys })

let store: Store | undefined
afterEach(() => store?.close())

async function make(...records: KnownHost[]): Promise<KnownHosts> {
  store = await openStore(randomUUID())
  for (const record of records) await store.knownHosts.put(record)
  return new KnownHosts(store)
}

describe('judge', () => {
  it('compares whole keys', () => {
    expect(judge([], A, 'r')).toBe('new')
    expect(judge([of()], A, 'r')).toBe('new')
    expect(judge([of(known(A))], A, 'r')).toBe('known')
    expect(judge([of(known(A))], `${A.slice(0, -5)}x${A.slice(-4)}`, 'r')).toBe('changed')
    expect(judge([of(known(A), known(B))], B, 'r')).toBe('known')
  })

  it('A-HK-04 a key of another type is a changed one, not a new one', () => {
    expect(judge([of(known(A))], RSA, 'r')).toBe('changed')
  })

  it('a revoked key is good for nothing, also where it is known', () => {
    const revoked: KnownHost = { id: 'line 1', keys: [known(A)], line: { hosts: '*', marker: 'revoked' } }
    expect(judge([of(known(A)), revoked], A, 'r')).toBe('revoked')
    expect(judge([revoked], B, 'r')).toBe('new')
    const authority: KnownHost = { id: 'line 2', keys: [known(C)], line: { hosts: '*', marker: 'cert-authority' } }
    expect(judge([authority], C, 'r')).toBe('new')
  })

  it('A-HK-08 an announced key counts through the relay that it was proven through, and is asked about elsewhere', () => {
    const bound = of(known(A), known(B, { from: 'announced', bound: true, endpointId: 'r' }))
    expect(judge([bound], B, 'r')).toBe('known')
    expect(judge([bound], B, 'another')).toBe('announced')
    const unbound = of(known(A), known(B, { from: 'announced', bound: false, endpointId: 'r' }))
    expect(judge([unbound], B, 'r')).toBe('announced')
  })
})

it('prints a fingerprint as OpenSSH does', async () => {
  const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
  expect(await fingerprint(key)).toBe('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU')
})

describe('known hosts', () => {
  it('keeps keys once, with the relay they were seen through, and forgets one or all', async () => {
    const hosts = await make()
    await hosts.add('h:22', 'ssh-ed25519', A, 'r')
    await hosts.add('h:22', 'ssh-ed25519', A, 'other')
    await hosts.add('h:22', 'ssh-rsa', RSA, 'r')
    expect(hosts.get('h:22')?.keys.map(({ key, endpointId }) => [key, endpointId])).toEqual([
      [A, 'r'],
      [RSA, 'r'],
    ])
    await hosts.forget('h:22', A)
    expect(hosts.get('h:22')?.keys.map(({ key }) => key)).toEqual([RSA])
    await hosts.forget('h:22')
    expect(hosts.list.value).toEqual([])
  })

  it('A-HK-03 upper case, a trailing dot, brackets and IDN are the same host; another port and a local host are not', async () => {
    const hosts = await make()
    await hosts.add('example.com:22', 'ssh-ed25519', A, 'r')
    await hosts.add('[2001:db8::1]:22', 'ssh-ed25519', A, 'r')
    await hosts.add('xn--bcher-kva.example:22', 'ssh-ed25519', A, 'r')
    await hosts.add('127.0.0.1:22 via r', 'ssh-ed25519', A, 'r')
    const judged = async (host: string, port = 22, relay = 'r') => (await hosts.judge(host, port, relay, A)).judgement
    for (const same of [
      'EXAMPLE.com',
      'example.com.',
      '[2001:DB8::1]',
      '2001:db8:0:0::1',
      'Bücher.example',
      'BÜCHER.EXAMPLE.',
    ])
      expect(`${same} ${await judged(same)}`).toBe(`${same} known`)
    expect(await judged('example.com', 2222)).toBe('new')
    expect(await judged('192.0.2.1')).toBe('new')
    expect(await judged('127.0.0.1')).toBe('known')
    expect(await judged('127.1')).toBe('known')
    expect(await judged('127.0.0.1', 22, 'another')).toBe('new')
    expect(await judged('localhost')).toBe('new')
  })

  it('says under which other names the very same key is known', async () => {
    const hosts = await make()
    await hosts.add('web1.example:22', 'ssh-ed25519', A, 'r')
    await hosts.add('[2001:db8::1]:2222', 'ssh-ed25519', A, 'r')
    await hosts.add('db.example:22', 'ssh-ed25519', B, 'r')
    expect((await hosts.judge('new.example', 22, 'r', A)).elsewhere).toEqual(['web1.example', '[2001:db8::1]:2222'])
    expect((await hosts.judge('web1.example', 22, 'r', A)).elsewhere).toEqual(['[2001:db8::1]:2222'])
  })

  it('honours the lines of a file: patterns, negation, hashes and what is revoked', async () => {
    const hosts = await make()
    const salt = Buffer.from('twenty bytes of salt')
    const hash = createHmac('sha1', salt).update('db.example').digest('base64')
    const text = [
      `*.example.com,!bad.example.com ssh-ed25519 ${A} lines`,
      `|1|${salt.toString('base64')}|${hash} ssh-ed25519 ${B}`,
      `@revoked * ssh-ed25519 ${C}`,
    ].join('\n')
    const file = readKnownHosts(text)
    expect(file.bad).toEqual([])
    await hosts.merge(mergeOf(file, hosts.list.value), new Set())
    const judged = async (host: string, key: string, port = 22) => (await hosts.judge(host, port, 'r', key)).judgement
    expect(await judged('web.example.com', A)).toBe('known')
    expect(await judged('web.example.com', B)).toBe('changed')
    expect(await judged('bad.example.com', A)).toBe('new')
    expect(await judged('web.example.com', A, 2222)).toBe('new')
    expect(await judged('DB.example', B)).toBe('known')
    expect(await judged('db.example', A)).toBe('changed')
    expect(await judged('db.example', B, 2222)).toBe('new')
    expect(await judged('web.example.com', C)).toBe('revoked')
    expect(await judged('127.0.0.1', C)).toBe('revoked')
    expect(await judged('anything.example', C, 4444)).toBe('revoked')
    expect(writeKnownHosts(hosts.list.value, () => '')).toBe(`${text}\n`)
  })

  it('A-HK-04 asks for the types that are known first, and for all others after', async () => {
    const hosts = await make({ id: 'h:22', keys: [{ type: 'ssh-rsa', key: RSA, addedAt: 1 }] })
    expect(await hosts.algorithms('H.', 22, 'r')).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
      'ssh-rsa',
    ])
    expect(await hosts.algorithms('other', 22, 'r')).toBeUndefined()
  })

  it('only what is known and not revoked is accepted for a signature', async () => {
    const hosts = await make(of(known(A), known(B), known(C, { from: 'announced', bound: false, endpointId: 'r' })), {
      id: 'line 1',
      keys: [known(B)],
      line: { hosts: '*', marker: 'revoked' },
    })
    expect(await hosts.accepted('h', 22, 'r')).toEqual([A])
    expect(await hosts.accepted('h', 2222, 'r')).toEqual([])
  })

  it('forgetting a host takes its lines along, and leaves what is revoked', async () => {
    const hosts = await make(
      { id: 'web.example:22', keys: [known(A)] },
      { id: 'line 1', keys: [known(B)], line: { hosts: '*.example' } },
      { id: 'line 2', keys: [known(C)], line: { hosts: '*', marker: 'revoked' } },
    )
    await hosts.forgetHost('web.example', 22, 'r')
    expect(hosts.list.value.map(({ id }) => id)).toEqual(['line 2'])
  })

  it('what was only announced goes with the last key that was trusted', async () => {
    const hosts = await make(of(known(A), known(B, { from: 'announced' })))
    await hosts.forget('h:22', A)
    expect(hosts.list.value).toEqual([])
  })

  it('a key is revoked once, for every host', async () => {
    const hosts = await make(of(known(A)))
    await hosts.revoke('ssh-ed25519', A)
    await hosts.revoke('ssh-ed25519', A)
    expect(hosts.list.value).toHaveLength(2)
    expect((await hosts.judge('h', 22, 'r', A)).judgement).toBe('revoked')
    expect((await hosts.judge('another', 22, 'r', A)).judgement).toBe('revoked')
  })
})

describe('A-HK-08 what a host announces', () => {
  const at = { id: 'h:22', endpointId: 'r', shown: A, bound: true }
  const proven = (key: string, proven = true) => ({ type: 'ssh-ed25519', key, proven })

  it('is kept where it is proven, of a host that is trusted', async () => {
    const hosts = await make(of(known(A)))
    const learned = await hosts.learn(at, [proven(A), proven(B), proven(C, false)])
    expect(learned).toMatchObject([{ key: B, from: 'announced', endpointId: 'r', bound: true }])
    expect(hosts.get('h:22')?.keys.map(({ key }) => key)).toEqual([A, B])
    expect(await hosts.learn(at, [proven(A), proven(B)])).toEqual([])
  })

  it('counts for nothing where the host is not trusted, or does not announce the key that it shows', async () => {
    const hosts = await make(of(known(A), known(C, { from: 'announced', bound: false, endpointId: 'r' })))
    expect(await hosts.learn({ ...at, shown: B }, [proven(B), proven(A)])).toEqual([])
    expect(await hosts.learn({ ...at, shown: C }, [proven(B), proven(C)])).toEqual([])
    expect(await hosts.learn(at, [proven(B)])).toEqual([])
    expect(await hosts.learn({ ...at, id: 'unknown:22' }, [proven(A), proven(B)])).toEqual([])
    expect(hosts.get('h:22')?.keys).toHaveLength(2)
  })

  it('marks what is no longer announced, drops nothing, and takes the mark away again', async () => {
    const hosts = await make(of(known(A), known(B)))
    await hosts.learn(at, [proven(A)])
    expect(hosts.get('h:22')?.keys).toMatchObject([{ key: A }, { key: B, absentSince: expect.any(Number) }])
    await hosts.learn(at, [proven(A), proven(B)])
    expect(hosts.get('h:22')?.keys.map(({ absentSince }) => absentSince)).toEqual([undefined, undefined])
  })

  it('of a thousand keys, 64 are kept at most; none that is revoked, none of a type that nobody asks for', async () => {
    const hosts = await make(of(known(A)), { id: 'line 1', keys: [known(B)], line: { hosts: '*', marker: 'revoked' } })
    const many = Array.from({ length: 1000 }, (_, at) => proven(blobOf('ssh-ed25519', `k${at}`)))
    const dsa = { type: 'ssh-dss', key: blobOf('ssh-dss', 'd'), proven: true }
    await hosts.learn(at, [proven(A), proven(B), dsa, ...many])
    const keys = hosts.get('h:22')?.keys ?? []
    expect(keys).toHaveLength(64)
    expect(keys.some(({ key }) => key === B || key === dsa.key)).toBe(false)
  })

  it('a word of a relay alone becomes more when the session was checked', async () => {
    const hosts = await make(of(known(A)))
    await hosts.learn({ ...at, bound: false }, [proven(A), proven(B)])
    expect((await hosts.judge('h', 22, 'r', B)).judgement).toBe('announced')
    await hosts.learn(at, [proven(A), proven(B)])
    expect((await hosts.judge('h', 22, 'r', B)).judgement).toBe('known')
    await hosts.add('h:22', 'ssh-ed25519', B, 'other')
    expect((await hosts.judge('h', 22, 'other', B)).judgement).toBe('known')
  })
})
