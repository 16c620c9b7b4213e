import 'fake-indexeddb/auto'
import { randomUUID } from 'node:crypto'
import { openDB } from 'idb'
import { parse } from 'valibot'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openStore, type Store } from '../../../pwa/store/db.ts'
import { type Endpoint, Settings } from '../../../pwa/store/schema.ts'
import { until } from '../../harness/browser.ts'

const endpoint = (id: string): Endpoint => ({ id, label: id, url: `https://${id}.example`, createdAt: 1 })

describe('the store', () => {
  const open: Store[] = []
  const openIt = async (name: string) => {
    const store = await openStore(name)
    open.push(store)
    return store
  }
  afterEach(() => {
    for (const store of open.splice(0)) store.close()
    vi.restoreAllMocks()
  })

  it('keeps records over a reload, a key that cannot be exported among them', async () => {
    const name = randomUUID()
    const store = await openIt(name)
    await store.endpoints.put(endpoint('a'))
    await store.settings.put({ ...parse(Settings, { id: 'settings' }), theme: 'light' })
    const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    await store.tabs.put({
      id: 't',
      order: 1,
      label: 'l',
      target: { scheme: 'ssh', host: 'h', jump: [] },
      endpointId: 'a',
      usedAt: 1,
      view: { files: false, terminal: true },
      session: { sessionId: 's', epoch: 'e', attachKey: privateKey },
    })
    store.close()
    const again = await openIt(name)
    expect(again.endpoints.items.value).toEqual([endpoint('a')])
    const key = again.tabs.get('t')?.session?.attachKey
    expect(key?.extractable).toBe(false)
  })

  it('C-IDB-02 sets a record aside that does not fit, and goes on with the others', async () => {
    const name = randomUUID()
    const store = await openIt(name)
    await store.endpoints.put(endpoint('good'))
    store.close()
    const raw = await openDB(name)
    await raw.put('endpoints', { id: 'bad', label: 7 })
    await raw.put('screens', { id: 'bad too' })
    raw.close()
    const again = await openIt(name)
    expect(again.endpoints.items.value.map(({ id }) => id)).toEqual(['good'])
    expect(await again.screens.get('bad too')).toBeUndefined()
    expect((await again.aside()).map(({ store, id, row }) => [store, id, row])).toEqual([
      ['endpoints', 'bad', { id: 'bad', label: 7 }],
      ['screens', 'bad too', { id: 'bad too' }],
    ])
  })

  it('gives settings that are out of bounds their defaults', async () => {
    const name = randomUUID()
    const store = await openIt(name)
    store.close()
    const raw = await openDB(name)
    await raw.put('settings', { id: 'settings', fontSize: 9000, theme: 'light' })
    raw.close()
    expect((await openIt(name)).settings.get('settings')).toMatchObject({ fontSize: 13.5, theme: 'light' })
  })

  it('C-IDB-05 takes over what version 2 has saved, and has room for keys and passwords', async () => {
    const name = randomUUID()
    const before = await openDB(name, 2, {
      upgrade(db) {
        for (const shelf of ['hosts', 'endpoints', 'knownHosts', 'tabs', 'held', 'endings', 'screens', 'settings']) {
          db.createObjectStore(shelf, { keyPath: 'id' })
        }
        db.createObjectStore('aside', { autoIncrement: true })
      },
    })
    const target = { scheme: 'ssh', host: 'web1', username: 'me', jump: [{ host: 'bastion' }] }
    const host = { id: 'h', label: 'web1', target, endpointId: 'a', saved: true, createdAt: 1, usedAt: 2 }
    const known = { id: 'web1:22', keys: [{ type: 'ssh-ed25519', key: 'AAAA', addedAt: 3 }] }
    await before.put('hosts', host)
    await before.put('endpoints', endpoint('a'))
    await before.put('knownHosts', known)
    before.close()
    const store = await openIt(name)
    expect([store.hosts.items.value, store.knownHosts.items.value]).toEqual([[host], [known]])
    const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
    await store.identities.put({
      id: 'i',
      label: 'Laptop',
      kind: 'key',
      createdAt: 4,
      publicKey: 'AAAA',
      keyType: 'ecdsa-sha2-nistp256',
      secret: { kind: 'device', keys: [privateKey] },
    })
    await store.hosts.update('h', (old) => ({ ...old, identityId: 'i', jumpIdentityIds: [null] }))
    store.close()
    const again = await openIt(name)
    expect(again.hosts.get('h')).toEqual({ ...host, identityId: 'i', jumpIdentityIds: [null] })
    expect(again.identities.get('i')).toMatchObject({ label: 'Laptop', secret: { kind: 'device' } })
    expect(await again.aside()).toEqual([])
  })

  it('C-IDB-02 says that what is saved is of a newer version', async () => {
    const name = randomUUID()
    ;(await openDB(name, 99)).close()
    await expect(openStore(name)).rejects.toMatchObject({ code: 'newer' })
  })

  it('C-IDB-04 lets go when a newer version wants the database', async () => {
    const name = randomUUID()
    const store = await openIt(name)
    ;(await openDB(name, 99)).close()
    expect(store.closed.value).toBe(true)
    await expect(store.endpoints.put(endpoint('a'))).rejects.toMatchObject({ code: 'closed' })
  })

  it('C-IDB-04 says that an older window blocks, instead of waiting for ever', async () => {
    const name = randomUUID()
    const deaf = await openDB(name, 1)
    await expect(openStore(name, 2)).rejects.toMatchObject({ code: 'blocked' })
    deaf.close()
    open.push(await openStore(name, 2))
  })

  it('C-IDB-04 two windows that change one record lose nothing, and both see it', async () => {
    const name = randomUUID()
    const [one, other] = [await openIt(name), await openIt(name)]
    await one.endpoints.put(endpoint('a'))
    await until(() => other.endpoints.items.value.length === 1)
    await Promise.all([
      one.endpoints.update('a', (old) => ({ ...old, label: 'changed' })),
      other.endpoints.update('a', (old) => ({ ...old, token: 'secret' })),
    ])
    for (const store of [one, other]) {
      await until(() => store.endpoints.get('a')?.label === 'changed' && store.endpoints.get('a')?.token === 'secret')
    }
    await other.endpoints.remove('a')
    await until(() => one.endpoints.items.value.length === 0)
  })

  it('C-IDB-01 says that the space is used up, and what was there is still there', async () => {
    const store = await openIt(randomUUID())
    await store.endpoints.put(endpoint('a'))
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('no space', 'QuotaExceededError')
    })
    await expect(store.endpoints.put(endpoint('b'))).rejects.toMatchObject({ code: 'quota', message: /space/ })
    await expect(store.endpoints.update('a', (old) => old)).rejects.toMatchObject({ code: 'quota' })
    expect(store.endpoints.items.value).toEqual([endpoint('a')])
  })
})
