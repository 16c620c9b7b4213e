import 'fake-indexeddb/auto'
import { randomUUID } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { fromBase64 } from '../../../pwa/model/sshWire.ts'
import { Vault } from '../../../pwa/model/vault.ts'
import { least, strongEnough, today, upToDate } from '../../../pwa/model/vaultKdf.ts'
import { openStore, type Store } from '../../../pwa/store/db.ts'
import type { VaultRecord } from '../../../pwa/store/schema.ts'
import { oldVault } from '../../harness/oldVault.ts'

const passphrase = 'four random words'
const salt = new Uint8Array(16)

const old = oldVault()
const text = (word: string) => new TextEncoder().encode(word)
const code = (code: string) => ({ failure: { code } })
const closing: { close(): void }[] = []

/** A vault that a former version has left in the store. */
async function openOld(
  change: (record: VaultRecord) => VaultRecord = (record) => record,
  strength = least,
): Promise<{ store: Store; vault: Vault }> {
  const store = await openStore(randomUUID())
  await store.vaults.put(change(old.record))
  const vault = new Vault(store, strength)
  closing.push(vault, store)
  return { store, vault }
}

afterEach(() => {
  vi.unstubAllGlobals()
  for (const one of closing.splice(0)) one.close()
})

it('knows what is too weak, what will do, and what is of today', () => {
  const argon2id = (memory: number, passes: number) => ({ name: 'argon2id' as const, salt, memory, passes, lanes: 1 })
  const pbkdf2 = (rounds: number) => ({ name: 'pbkdf2-sha256' as const, salt, rounds })
  expect(strongEnough(argon2id(19_456, 2))).toBe(true)
  expect(strongEnough(argon2id(19_455, 9))).toBe(false)
  expect(strongEnough(argon2id(65_536, 1))).toBe(false)
  expect(strongEnough(pbkdf2(600_000))).toBe(true)
  expect(strongEnough(pbkdf2(599_999))).toBe(false)
  expect(strongEnough({ ...argon2id(65_536, 3), salt: new Uint8Array(15) })).toBe(false)
  expect(upToDate(argon2id(19_456, 2), least)).toBe(true)
  expect(upToDate(argon2id(19_456, 2), { memory: 65_536, passes: 3, lanes: 1 })).toBe(false)
  expect(upToDate(pbkdf2(9_000_000), least)).toBe(false)
})

it('without WebAssembly a passphrase goes through PBKDF2, and through Argon2id once that can be had', async () => {
  const store = await openStore(randomUUID())
  const vault = new Vault(store, least)
  const kdf = () => store.vaults.get('vault')?.passphrase.kdf
  vi.stubGlobal('WebAssembly', undefined)
  await vault.setUp(passphrase)
  expect(kdf()).toMatchObject({ name: 'pbkdf2-sha256', rounds: 600_000 })
  vault.lock()
  await vault.unlock(passphrase)
  expect(kdf()).toMatchObject({ name: 'pbkdf2-sha256' })
  vault.lock()
  vi.unstubAllGlobals()
  await vault.unlock(passphrase)
  expect(kdf()).toMatchObject({ name: 'argon2id', memory: least.memory })
  vault.lock()
  vi.stubGlobal('WebAssembly', undefined)
  await expect(vault.unlock(passphrase)).rejects.toMatchObject({ failure: { code: 'no-argon2' } })
  // It was not wrong, so it is not counted.
  expect(store.vaults.get('vault')?.wrong).toBeUndefined()
  vault.close()
  store.close()
})

it('makes keys of what it has sealed that sign and cannot be exported', async () => {
  const { vault } = await openOld()
  await vault.unlock(old.passphrase)
  const [, sealedKey] = old.items
  const key = await vault.unsealKey(sealedKey.item, sealedKey.sealed, 'Ed25519', ['sign'])
  expect(key.extractable).toBe(false)
  const signature = await crypto.subtle.sign('Ed25519', key, text('data'))
  const publicKey = await crypto.subtle.importKey('raw', fromBase64(sealedKey.publicKey), 'Ed25519', true, ['verify'])
  expect(await crypto.subtle.verify('Ed25519', publicKey, signature, text('data'))).toBe(true)
})

it('C-IDB-05 of a released version opens, with the secrets that it had', async () => {
  const { vault } = await openOld()
  await vault.unlock(old.passphrase)
  const [secret] = old.items
  expect(await vault.open(secret.item, secret.sealed)).toEqual(text(secret.text))
})

it('C-VLT-01 is wrapped by today’s parameters when it opens a vault of yesterday’s', async () => {
  const { vault, store } = await openOld((record) => record, today)
  await vault.unlock(old.passphrase)
  const record = store.vaults.get('vault')
  expect(record && upToDate(record.passphrase.kdf, today)).toBe(true)
  expect(record?.passphrase.kdf.salt).not.toEqual(old.record.passphrase.kdf.salt)
  vault.lock()
  await vault.unlock(old.passphrase)
  expect(store.vaults.get('vault')).toEqual(record)
})

it('C-VLT-01 opens nothing when anything that its wrap is bound to has been changed', async () => {
  const { passphrase: wrap } = old.record
  const changes: ((record: VaultRecord) => VaultRecord)[] = [
    (record) => ({ ...record, vault: 'another' }),
    (record) => ({ ...record, passphrase: { ...wrap, kdf: { ...wrap.kdf, passes: 3 } as typeof wrap.kdf } }),
    (record) => ({
      ...record,
      passphrase: { ...wrap, data: wrap.data.map((byte, at) => (at === 3 ? byte ^ 1 : byte)) },
    }),
    (record) => ({ ...record, passphrase: { ...wrap, data: wrap.data.slice(0, -1) } }),
  ]
  for (const change of changes) {
    const { vault } = await openOld(change)
    await expect(vault.unlock(old.passphrase)).rejects.toMatchObject(code('vault-refused'))
    expect(vault.state.value).toBe('locked')
  }
})
