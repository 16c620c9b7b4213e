import 'fake-indexeddb/auto'
import { randomUUID } from 'node:crypto'
import { openDB } from 'idb'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Vault, waitAfter } from '../../../pwa/model/vault.ts'
import { least, today } from '../../../pwa/model/vaultKdf.ts'
import { openStore, type Store } from '../../../pwa/store/db.ts'
import type { Sealed, VaultRecord } from '../../../pwa/store/schema.ts'
import { until } from '../../harness/browser.ts'
import { KeyChannel } from '../../harness/keyChannel.ts'

vi.mock('../../../pwa/model/argon2.ts', () => import('../../harness/quickArgon2.ts'))

const passphrase = 'another horse, another staple'
const text = (word: string) => new TextEncoder().encode(word)
const item = { id: 'one', type: 'identity', version: 1 }
/** What each test finds: a locked vault, and something that it has sealed. */
const old = {
  passphrase: 'correct horse battery staple',
  recoveryCode: '',
  record: {} as VaultRecord,
  secret: {} as Sealed,
}
const closing: { close(): void }[] = []

/** A window of the app: a store and a vault over the database of this name. */
async function openWindow(name: string, strength = least): Promise<{ store: Store; vault: Vault; close(): void }> {
  const store = await openStore(name)
  const vault = new Vault(store, strength)
  const one = {
    store,
    vault,
    close() {
      vault.close()
      store.close()
    },
  }
  closing.push(one)
  return one
}

/** A window that finds the vault in its store. */
async function openOld(change: (record: VaultRecord) => VaultRecord = (record) => record, strength = least) {
  const name = randomUUID()
  const window = await openWindow(name, strength)
  await window.store.vaults.put(change(old.record))
  return { name, ...window }
}

const code = (code: string) => ({ failure: { code } })

beforeAll(async () => {
  const { vault, store } = await openWindow(randomUUID())
  old.recoveryCode = await vault.setUp(old.passphrase)
  old.secret = await vault.seal(item, text('the secret'))
  old.record = store.vaults.get('vault') ?? old.record
})

beforeEach(() => vi.stubGlobal('BroadcastChannel', KeyChannel))

afterEach(() => {
  for (const one of closing.splice(0)) one.close()
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('a vault', () => {
  it('is set up, locked and unlocked, and seals what only it can open', async () => {
    const name = randomUUID()
    const { vault, store, close } = await openWindow(name, today)
    expect(vault.state.value).toBe('none')
    await expect(vault.seal(item, text('x'))).rejects.toMatchObject(code('no-vault'))
    await expect(vault.setUp('too short')).rejects.toMatchObject(code('weak-passphrase'))
    const recoveryCode = await vault.setUp(passphrase)
    expect(vault.state.value).toBe('open')
    await expect(vault.setUp(passphrase)).rejects.toMatchObject(code('vault-exists'))
    const sealed = await vault.seal(item, text('the secret'))
    expect(await vault.open(item, sealed)).toEqual(text('the secret'))
    close()

    const again = await openWindow(name)
    expect(again.vault.state.value).toBe('locked')
    await again.vault.unlock(passphrase)
    expect(await again.vault.open(item, sealed)).toEqual(text('the secret'))
    const kept = Buffer.from(
      JSON.stringify(store.vaults.items.value, (_, value) => (value instanceof Uint8Array ? [...value] : value)),
    )
    expect(kept.includes(passphrase) || kept.includes(recoveryCode)).toBe(false)
    expect(store.vaults.get('vault')?.passphrase.kdf).toMatchObject({ name: 'argon2id', memory: 65_536, passes: 3 })
  })

  it('C-IDB-04 is one, though two windows set it up at the same time', async () => {
    const name = randomUUID()
    const windows = [await openWindow(name), await openWindow(name)]
    const made = await Promise.allSettled(windows.map(({ vault }, at) => vault.setUp(`${passphrase} ${at}`)))
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(made.find(({ status }) => status === 'rejected')).toMatchObject({ reason: code('vault-exists') })
    const first = made.findIndex(({ status }) => status === 'fulfilled')
    const sealed = await windows[first]?.vault.seal(item, text('the secret'))
    if (!sealed) throw new Error('nothing was sealed')
    for (const one of windows) one.close()
    const again = await openWindow(name)
    await again.vault.unlock(`${passphrase} ${first}`)
    expect(await again.vault.open(item, sealed)).toEqual(text('the secret'))
  })

  it('C-IDB-05 of a newer version is left as it is', async () => {
    const { vault, store } = await openOld((record) => ({ ...record, version: 2 }))
    await expect(vault.unlock(old.passphrase)).rejects.toMatchObject(code('vault-newer'))
    expect(store.vaults.get('vault')?.version).toBe(2)
  })
})

describe('the passphrase', () => {
  it('C-VLT-01 wrong twenty times says the same twenty times, makes the wait grow, and the right one ends it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { vault, name } = await openOld()
    const waits: number[] = []
    const said = new Set<string>()
    for (let time = 0; time < 20; time++) {
      const wrong = await vault.unlock(`wrong ${time}`).catch((error) => error.failure)
      said.add(`${wrong.code} ${wrong.message} ${wrong.remedy}`)
      waits.push(vault.notBefore() - Date.now())
      if (waits.at(-1)) {
        await expect(vault.unlock(old.passphrase)).rejects.toMatchObject(code('vault-wait'))
        await expect(vault.changePassphrase(old.passphrase, passphrase)).rejects.toMatchObject(code('vault-wait'))
      }
      vi.setSystemTime(vault.notBefore() || Date.now())
    }
    expect(said.size).toBe(1)
    expect(waits.slice(0, 5)).toEqual([0, 0, 1_000, 2_000, 4_000])
    expect(waits.at(-1)).toBe(60_000)
    const other = await openWindow(name)
    await other.vault.unlock(old.passphrase)
    expect(other.store.vaults.get('vault')?.wrong).toBeUndefined()
  })

  it('C-VLT-01 a clock that is set back makes nobody wait longer than the longest wait', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { vault } = await openOld((record) => ({ ...record, wrong: { count: 30, at: Date.now() + 86_400_000 } }))
    expect(vault.notBefore() - Date.now()).toBe(waitAfter(30))
  })

  it('C-VLT-01 is changed whole or not at all, and the old one then opens nothing', async () => {
    const { vault, store, name } = await openOld()
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('killed', 'AbortError')
    })
    await expect(vault.changePassphrase(old.passphrase, passphrase)).rejects.toThrow()
    expect(put).toHaveBeenCalledTimes(1)
    put.mockRestore()
    const after = await openWindow(name)
    await after.vault.unlock(old.passphrase)
    after.vault.lock()

    await vault.changePassphrase(old.passphrase, passphrase)
    expect(vault.state.value).toBe('locked')
    const raw = await openDB(name)
    expect(JSON.stringify(await raw.getAll('vaults'))).not.toContain(JSON.stringify(old.record.passphrase.data))
    raw.close()
    await expect(vault.unlock(old.passphrase)).rejects.toMatchObject(code('vault-refused'))
    await vault.unlock(passphrase)
    expect(store.vaults.items.value).toHaveLength(1)
    expect(await vault.open(item, old.secret)).toEqual(text('the secret'))
  })

  it('C-VLT-01 is not tried on a record that somebody has turned down', async () => {
    const { passphrase: wrap } = old.record
    for (const weaker of [{ memory: 64, passes: 1 }, { salt: new Uint8Array(0) }]) {
      const { vault } = await openOld((record) => ({
        ...record,
        passphrase: { ...wrap, kdf: { ...wrap.kdf, ...weaker } as typeof wrap.kdf },
      }))
      await expect(vault.unlock(old.passphrase)).rejects.toMatchObject(code('vault-weakened'))
    }
    const rounds = { name: 'pbkdf2-sha256' as const, salt: wrap.kdf.salt, rounds: 1000 }
    const { vault } = await openOld((record) => ({ ...record, passphrase: { ...wrap, kdf: rounds } }))
    await expect(vault.unlock(old.passphrase)).rejects.toMatchObject(code('vault-weakened'))
  })

  it('stands for the same key however its letters are composed', async () => {
    const { vault } = await openWindow(randomUUID())
    await vault.setUp('caf\u00e9 caf\u00e9 caf\u00e9')
    vault.lock()
    await vault.unlock('cafe\u0301 cafe\u0301 cafe\u0301')
    expect(vault.state.value).toBe('open')
  })

  it('can be forgotten: the recovery code gives the vault another', async () => {
    const { vault } = await openOld()
    await expect(vault.recover('0000-0000', passphrase)).rejects.toMatchObject(code('bad-recovery-code'))
    const other = await (await openWindow(randomUUID())).vault.setUp(passphrase)
    await expect(vault.recover(other, passphrase)).rejects.toMatchObject(code('vault-refused'))
    await vault.recover(old.recoveryCode.toLowerCase().replaceAll('-', ' '), passphrase)
    expect(vault.state.value).toBe('open')
    vault.lock()
    await vault.unlock(passphrase)
    const renewed = await vault.renewRecoveryCode(passphrase)
    await expect(vault.recover(old.recoveryCode, passphrase)).rejects.toMatchObject(code('vault-refused'))
    await vault.recover(renewed, passphrase)
  })
})

describe('locking', () => {
  it('C-VLT-02 refuses what was begun, and asks before what is begun then', async () => {
    const { vault } = await openOld()
    await vault.unlock(old.passphrase)
    const pending = vault.open(item, old.secret)
    vault.lock()
    await expect(pending).rejects.toMatchObject(code('vault-locked'))

    const declined = vault.open(item, old.secret)
    expect(vault.asked.value).toBe(true)
    vault.decline()
    await expect(declined).rejects.toMatchObject(code('vault-locked'))
    const waits = vault.open(item, old.secret)
    await vault.unlock(old.passphrase)
    expect(await waits).toEqual(text('the secret'))
    expect(vault.asked.value).toBe(false)
  })

  it('C-VLT-02 holds in all windows at once, and after the last is closed', async () => {
    const { vault, name, close } = await openOld()
    const other = await openWindow(name)
    await vault.unlock(old.passphrase)
    await until(() => other.vault.state.value === 'open')
    expect(await other.vault.open(item, old.secret)).toEqual(text('the secret'))
    const third = await openWindow(name)
    await until(() => third.vault.state.value === 'open')
    third.vault.lock()
    for (const one of [vault, other.vault]) await until(() => one.state.value === 'locked')

    await other.vault.unlock(old.passphrase)
    await until(() => vault.state.value === 'open')
    close()
    other.close()
    third.close()
    const later = await openWindow(name)
    // An answer of another window would have come before the echo of an own question.
    const echo = new BroadcastChannel('fairlead-vault')
    const heard = new Promise((resolve) => {
      echo.onmessage = resolve
    })
    later.vault.lock()
    await heard
    echo.close()
    expect(later.vault.state.value).toBe('locked')
  })

  it('C-VLT-02 does not open again by what a window says that has not heard of the lock yet', async () => {
    const { vault, name } = await openOld()
    const listening = new BroadcastChannel('fairlead-vault')
    const said = new Promise<unknown>((resolve) => {
      listening.onmessage = ({ data }) => data.kind === 'open' && resolve(data)
    })
    await vault.unlock(old.passphrase)
    const message = await said
    const other = await openWindow(name)
    await until(() => other.vault.state.value === 'open')
    vault.lock()
    await until(() => other.vault.state.value === 'locked')
    listening.postMessage(message)
    listening.postMessage({ kind: 'is-it-open', vault: old.record.vault })
    // The vault of another window answers nothing while it is locked: what comes after this was heard after that.
    await other.vault.unlock(old.passphrase)
    other.vault.lock()
    await until(() => vault.state.value === 'locked')
    expect(other.vault.state.value).toBe('locked')
    listening.close()
  })

  it('gives a vault that is removed back to nobody, in no window', async () => {
    const { vault, name } = await openOld()
    const other = await openWindow(name)
    await vault.unlock(old.passphrase)
    await until(() => other.vault.state.value === 'open')
    await vault.remove()
    await until(() => other.vault.state.value === 'none')
    await expect(other.vault.unlock(old.passphrase)).rejects.toMatchObject(code('no-vault'))
  })
})

describe('what is sealed', () => {
  it('C-VLT-03 differs in two vaults of the same passphrase, and opens only as what it was sealed as', async () => {
    const [one, other] = [await openWindow(randomUUID()), await openWindow(randomUUID())]
    await one.vault.setUp(passphrase)
    await other.vault.setUp(passphrase)
    const [a, b] = [one.store.vaults.get('vault'), other.store.vaults.get('vault')]
    expect(a?.passphrase.kdf.salt).not.toEqual(b?.passphrase.kdf.salt)
    expect(a?.vault).not.toBe(b?.vault)
    const sealed = await one.vault.seal(item, text('same'))
    await expect(other.vault.open(item, sealed)).rejects.toMatchObject(code('vault-damaged'))
    for (const swapped of [
      { ...item, id: 'two' },
      { ...item, type: 'token' },
      { ...item, version: 2 },
    ]) {
      await expect(one.vault.open(swapped, sealed)).rejects.toMatchObject(code('vault-damaged'))
    }
    await expect(one.vault.open(item, { ...sealed, vault: b?.vault ?? '' })).rejects.toMatchObject(
      code('vault-damaged'),
    )
  })

  it('C-VLT-03 never has a nonce twice', async () => {
    const { vault } = await openOld()
    await vault.unlock(old.passphrase)
    const nonces = new Set<string>()
    const many = 2_000
    for (let time = 0; time < many; time++) nonces.add((await vault.seal(item, text('same'))).nonce.join())
    expect(nonces.size).toBe(many)
  })

  it('C-IDB-02 that is cut short or changed is told from the rest, which can still be used', async () => {
    const { vault } = await openOld()
    await vault.unlock(old.passphrase)
    const sealed = await vault.seal(item, text('good'))
    const bad = [
      { ...sealed, data: sealed.data.slice(0, -3) },
      { ...sealed, data: sealed.data.slice(0, 4) },
      { ...sealed, data: new Uint8Array(0) },
      { ...sealed, data: sealed.data.map((byte, at) => (at === 0 ? byte ^ 128 : byte)) },
      { ...sealed, nonce: new Uint8Array(12) },
      { ...sealed, nonce: new Uint8Array(0) },
    ]
    for (const one of bad) await expect(vault.open(item, one)).rejects.toMatchObject(code('vault-damaged'))
    for (const one of bad) {
      await expect(vault.unsealKey(item, one, 'Ed25519', ['sign'])).rejects.toMatchObject(code('vault-damaged'))
    }
    expect(await vault.open(item, sealed)).toEqual(text('good'))
  })

  it('C-IDB-01 leaves no half of a vault where there is no space for it', async () => {
    const { vault, store } = await openWindow(randomUUID())
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('no space', 'QuotaExceededError')
    })
    await expect(vault.setUp(passphrase)).rejects.toMatchObject({ code: 'quota' })
    expect(vault.state.value).toBe('none')
    expect(store.vaults.items.value).toEqual([])
  })
})
