import 'fake-indexeddb/auto'
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { fingerprint, judge, KnownHosts, knownHostId } from '../../../pwa/model/knownHosts.ts'
import { openStore } from '../../../pwa/store/db.ts'

it('judges by the whole key', () => {
  const known = { id: 'h:22', keys: [{ type: 'ssh-ed25519', key: 'AAAA', addedAt: 0 }] }
  expect(judge(undefined, 'AAAA')).toBe('new')
  expect(judge({ id: 'h:22', keys: [] }, 'AAAA')).toBe('new')
  expect(judge(known, 'AAAA')).toBe('known')
  expect(judge(known, 'AAAB')).toBe('changed')
})

it('gives a host one name over all relays, but a loopback host one for each', () => {
  expect(knownHostId('Example.COM.', 22, 'a')).toBe('example.com:22')
  expect(knownHostId('example.com', 22, 'b')).toBe('example.com:22')
  expect(knownHostId('2001:DB8::1', 2222, 'a')).toBe('[2001:db8::1]:2222')
  expect(knownHostId('[2001:db8::1]', 2222, 'a')).toBe('[2001:db8::1]:2222')
  for (const local of ['localhost', '127.0.0.1', '::1', 'box.localhost']) {
    expect(knownHostId(local, 22, 'a')).not.toBe(knownHostId(local, 22, 'b'))
  }
})

it('prints a fingerprint as OpenSSH does', async () => {
  const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
  expect(await fingerprint(key)).toBe('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU')
})

it('adds keys once and forgets one or all', async () => {
  const store = await openStore(randomUUID())
  const hosts = new KnownHosts(store)
  await hosts.add('h:22', 'ssh-ed25519', 'AAAA')
  await hosts.add('h:22', 'ssh-ed25519', 'AAAA')
  await hosts.add('h:22', 'ssh-rsa', 'BBBB')
  expect(hosts.get('h:22')?.keys.map(({ key }) => key)).toEqual(['AAAA', 'BBBB'])
  await hosts.forget('h:22', 'AAAA')
  expect(hosts.get('h:22')?.keys.map(({ key }) => key)).toEqual(['BBBB'])
  await hosts.forget('h:22')
  expect(hosts.list.value).toEqual([])
  store.close()
})
