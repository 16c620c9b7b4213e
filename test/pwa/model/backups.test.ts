import 'fake-indexeddb/auto'
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Backups } from '../../../pwa/model/backups.ts'
import { Identities } from '../../../pwa/model/identities.ts'
import { Preferences } from '../../../pwa/model/settings.ts'
import { Vault } from '../../../pwa/model/vault.ts'
import { least } from '../../../pwa/model/vaultKdf.ts'
import { openStore } from '../../../pwa/store/db.ts'
import type { Host } from '../../../pwa/store/schema.ts'

vi.mock('../../../pwa/model/argon2.ts', () => import('../../harness/quickArgon2.ts'))

const passphrase = 'four random words'
const words = 'words for the backup'
const everything = { settings: true, secrets: true }
const closing: { close(): void }[] = []

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  for (const one of closing.splice(0)) one.close()
})

/** A browser of its own, that knows the relay of a page under the id that it has there. */
async function browser(own = 'https://relay.example', withVault = true) {
  const store = await openStore(randomUUID())
  const [vault, settings] = [new Vault(store, least), new Preferences(store)]
  const backups = new Backups(store, vault, settings, least)
  const identities = new Identities(store, vault, console.error)
  closing.push(vault, store)
  if (withVault) await vault.setUp(passphrase)
  await store.endpoints.put({ id: 'own', label: 'own', url: own, token: 'login of this browser', createdAt: 1 })
  return { store, vault, settings, backups, identities }
}

const host = (id: string, address: string, more: Partial<Host> = {}): Host => ({
  id,
  label: id,
  target: { scheme: 'ssh', host: address, username: 'me', jump: [] },
  endpointId: 'own',
  saved: true,
  createdAt: 1,
  usedAt: 1,
  ...more,
})

const known = (id: string, ...keys: string[]) => ({
  id,
  keys: keys.map((key) => ({ type: 'ssh-ed25519', key, addedAt: 1 })),
})

describe('a backup', () => {
  it('brings everything to another browser, by the ids of that one, and keys that sign', async () => {
    const from = await browser()
    const key = await from.identities.make('ed25519', 'My key', 'vault')
    const password = await from.identities.addPassword('Old switch', 'admin', 'the password')
    await from.store.hosts.put(host('web', 'web.example', { identityId: key.id, jumpIdentityIds: [password.id, null] }))
    await from.store.knownHosts.put(known('127.0.0.1:22 via own', 'AAAA'))
    await from.store.knownHosts.put(known('web.example:22', 'BBBB'))
    await from.settings.set({ theme: 'light', sealTokens: true })
    const text = await from.backups.write(words)

    const to = await browser('https://other.example')
    const merge = await to.backups.read(text, words)
    expect(merge).toMatchObject({ conflicts: [], without: [], same: 0 })
    expect(merge.added.map(({ kind, label }) => `${kind} ${label}`)).toEqual([
      'relay own',
      'key My key',
      'password Old switch',
      'host web',
      expect.stringMatching(/^known host 127.0.0.1:22 via [0-9a-f]+$/),
      'known host web.example:22',
    ])
    expect(to.store.hosts.items.value).toEqual([])
    await to.backups.apply(merge, new Set(), everything)

    const relay = to.store.endpoints.items.value.find(({ url }) => url === 'https://relay.example')
    expect(relay).not.toHaveProperty('token')
    expect(to.store.hosts.get('web')).toMatchObject({ endpointId: relay?.id, identityId: key.id })
    expect(to.store.knownHosts.items.value.map(({ id }) => id)).toEqual([
      `127.0.0.1:22 via ${relay?.id}`,
      'web.example:22',
    ])
    expect(to.settings.value.value).toMatchObject({ theme: 'light', sealTokens: true })
    expect(await to.identities.password(password.id)).toBe('the password')
    const signing = await to.identities.signingKey(key.publicKey ?? '')
    expect((await signing?.sign('ssh-ed25519', new Uint8Array(8)))?.length).toBeGreaterThan(64)

    // Once more, nothing is new.
    const again = await to.backups.read(text, words)
    expect(again).toMatchObject({ added: [], conflicts: [], without: [] })
    expect(again.same).toBe(6)
  })

  it('leaves what is here as it is where the two differ, unless it is told otherwise', async () => {
    const from = await browser()
    await from.store.hosts.put(host('web', 'web.example', { label: 'Theirs' }))
    await from.store.hosts.put(host('db', 'db.example', { label: 'Theirs too' }))
    await from.store.knownHosts.put(known('web.example:22', 'AAAA'))
    const password = await from.identities.addPassword('Switch', 'admin', 'theirs')
    const text = await from.backups.write(words)

    const to = await browser()
    await to.store.hosts.put(host('web', 'web.example', { label: 'Mine' }))
    await to.store.hosts.put(host('other id', 'db.example', { label: 'Mine too', filesOpen: true }))
    await to.store.knownHosts.put(known('web.example:22', 'BBBB'))
    const mine = await to.identities.addPassword('Switch', 'admin', 'mine')
    await to.store.identities.remove(mine.id)
    await to.store.identities.put({
      ...mine,
      id: password.id,
      secret: {
        kind: 'sealed',
        sealed: await to.vault.seal(
          { id: password.id, type: 'identity', version: 1 },
          new TextEncoder().encode('mine'),
        ),
      },
    })
    const merge = await to.backups.read(text, words)
    expect(merge.added).toEqual([])
    expect(merge.conflicts.map(({ id }) => id)).toEqual([
      `password ${password.id}`,
      'host web',
      'host db',
      'known host web.example:22',
    ])
    await to.backups.apply(merge, new Set(['host db', `password ${password.id}`]), everything)
    expect(to.store.hosts.items.value.map(({ id, label }) => [id, label])).toEqual([
      ['web', 'Mine'],
      ['other id', 'Theirs too'],
    ])
    expect(to.store.knownHosts.get('web.example:22')?.keys.map(({ key }) => key)).toEqual(['BBBB'])
    expect(await to.identities.password(password.id)).toBe('theirs')
  })

  it('holds no key that is bound to a browser, and says so where it is taken in', async () => {
    const from = await browser('https://relay.example', false)
    const key = await from.identities.make('ed25519', 'Bound', 'device')
    await from.store.hosts.put(host('web', 'web.example', { identityId: key.id }))
    expect(from.backups.bound.value.map(({ label }) => label)).toEqual(['Bound'])
    const to = await browser()
    const merge = await to.backups.read(await from.backups.write(words), words)
    expect(merge.without).toEqual(['Bound'])
    await to.backups.apply(merge, new Set(), everything)
    expect(to.store.identities.items.value).toEqual([])
    expect(to.store.hosts.get('web')).not.toHaveProperty('identityId')
  })

  it('without a vault brings all but keys and passwords', async () => {
    const from = await browser()
    await from.identities.addPassword('Switch', 'admin', 'the password')
    await from.store.hosts.put(host('web', 'web.example'))
    const to = await browser('https://relay.example', false)
    const merge = await to.backups.read(await from.backups.write(words), words)
    expect(await to.backups.apply(merge, new Set(), { settings: false, secrets: false })).toBe(1)
    expect(to.store.identities.items.value).toEqual([])
    expect(to.store.hosts.get('web')).toBeDefined()
  })

  it('C-IDB-01 is taken in whole or not at all', async () => {
    const from = await browser()
    await from.store.hosts.put(host('one', 'one.example'))
    await from.store.hosts.put(host('two', 'two.example'))
    const text = await from.backups.write(words)
    const to = await browser()
    const merge = await to.backups.read(text, words)
    const { put } = IDBObjectStore.prototype
    let puts = 0
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...row) {
      puts += 1
      if (puts === 2) throw new DOMException('no space', 'QuotaExceededError')
      return put.apply(this, row)
    })
    await expect(to.backups.apply(merge, new Set(), everything)).rejects.toMatchObject({ code: 'quota' })
    vi.restoreAllMocks()
    await to.store.hosts.load()
    expect(to.store.hosts.items.value).toEqual([])
  })

  it('C-IDB-02 leaves out a secret that is damaged, and saves the others', async () => {
    const from = await browser()
    const good = await from.identities.addPassword('Good', 'admin', 'the password')
    const bad = await from.identities.addPassword('Bad', 'admin', 'the password')
    if (bad.secret.kind !== 'sealed' || good.secret.kind !== 'sealed') throw new Error('They are in the vault')
    await from.store.identities.put({ ...bad, secret: good.secret })
    const to = await browser()
    const merge = await to.backups.read(await from.backups.write(words), words)
    expect(merge.without).toEqual(['Bad'])
    expect(merge.added.map(({ label }) => label)).toEqual(['Good'])
  })
})

it('C-IDB-02 gives back what was in a vault whose record is lost', async () => {
  const { backups, identities, store, vault } = await browser()
  const password = await identities.addPassword('Switch', 'admin', 'the password')
  const text = await backups.write(words)
  await store.vaults.remove('vault')
  expect(vault.state.value).toBe('none')
  await vault.setUp(passphrase)
  await expect(identities.password(password.id)).rejects.toMatchObject({ failure: { code: 'vault-damaged' } })
  await backups.apply(await backups.read(text, words), new Set(), everything)
  expect(await identities.password(password.id)).toBe('the password')
})

describe('the reminder', () => {
  it('C-IDB-03 comes when there is something to lose and no backup of late', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const day = 86_400_000
    const { backups, identities, settings, store } = await browser()
    expect([backups.due.value, backups.nothingHere.value]).toEqual([false, false])
    await identities.addPassword('Switch', 'admin', 'the password')
    expect(backups.due.value).toBe(true)
    await backups.putOff()
    expect(backups.due.value).toBe(false)
    const later = async (days: number) => {
      vi.setSystemTime(Date.now() + days * day)
      await settings.set({ theme: 'dark' })
    }
    await later(31)
    expect(backups.due.value).toBe(true)
    await backups.saved()
    expect(backups.due.value).toBe(false)
    await later(91)
    expect(backups.due.value).toBe(true)
    expect(store.settings.items.value).toHaveLength(1)
  })
})
