import 'fake-indexeddb/auto'
import { randomUUID } from 'node:crypto'
import { signal } from '@preact/signals'
import { afterEach, expect, it, vi } from 'vitest'
import { RelayLogins } from '../../../pwa/model/relayLogins.ts'
import { Preferences } from '../../../pwa/model/settings.ts'
import { Vault } from '../../../pwa/model/vault.ts'
import { least } from '../../../pwa/model/vaultKdf.ts'
import { openStore } from '../../../pwa/store/db.ts'
import { until } from '../../harness/browser.ts'

vi.mock('../../../pwa/model/argon2.ts', () => import('../../harness/quickArgon2.ts'))

const passphrase = 'four random words'
const closing: { close(): void }[] = []

afterEach(() => {
  for (const one of closing.splice(0)) one.close()
})

async function open() {
  const store = await openStore(randomUUID())
  const [vault, settings] = [new Vault(store, least), new Preferences(store)]
  const errors = signal<unknown[]>([])
  const logins = new RelayLogins(store, vault, settings, (error) => {
    errors.value = [...errors.value, error]
  })
  closing.push(logins, vault, store)
  await store.endpoints.put({ id: 'a', label: 'a', url: 'https://a.example', token: 'secret', createdAt: 1 })
  const record = () => store.endpoints.get('a')
  const token = () => {
    const endpoint = record()
    // Read for `until`, which follows signals.
    return logins.unsealed.value && endpoint && logins.token(endpoint)
  }
  return { store, vault, settings, logins, errors, record, token }
}

it('a login is in clear until the person wants it in the vault, and again when they do not', async () => {
  const { vault, settings, record, token, errors } = await open()
  await vault.setUp(passphrase)
  expect(record()?.token).toBe('secret')
  await settings.set({ sealTokens: true })
  await until(() => record()?.sealedToken)
  expect(record()?.token).toBeUndefined()
  expect(token()).toBe('secret')
  await settings.set({ sealTokens: false })
  await until(() => record()?.token === 'secret')
  expect(record()?.sealedToken).toBeUndefined()
  expect(errors.value).toEqual([])
})

it('C-VLT-02 a sealed login is gone while the vault is locked', async () => {
  const { vault, settings, record, token } = await open()
  await vault.setUp(passphrase)
  await settings.set({ sealTokens: true })
  await until(() => record()?.sealedToken)
  vault.lock()
  expect(token()).toBeUndefined()
  await vault.unlock(passphrase)
  await until(() => token() === 'secret')
})

it('a login that is made while the vault is locked is not written before it opens', async () => {
  const { vault, settings, logins, record, token } = await open()
  await vault.setUp(passphrase)
  await settings.set({ sealTokens: true })
  await until(() => record()?.sealedToken)
  vault.lock()
  const before = record()
  await logins.keep('a', 'new secret')
  expect(token()).toBe('new secret')
  expect(record()).toEqual(before)
  await vault.unlock(passphrase)
  await until(() => record()?.sealedToken !== before?.sealedToken)
  vault.lock()
  await vault.unlock(passphrase)
  await until(() => token() === 'new secret')
})

it('C-RLY-02 a sealed login opens for the address only that it was sealed for', async () => {
  const { vault, settings, store, record, token, errors } = await open()
  await vault.setUp(passphrase)
  await settings.set({ sealTokens: true })
  await until(() => record()?.sealedToken)
  vault.lock()
  await store.endpoints.update('a', (old) => ({ ...old, url: 'https://evil.example' }))
  await vault.unlock(passphrase)
  await until(() => errors.value.length > 0)
  expect(errors.value).toEqual([
    expect.objectContaining({ failure: expect.objectContaining({ code: 'vault-damaged' }) }),
  ])
  expect(token()).toBeUndefined()
})
