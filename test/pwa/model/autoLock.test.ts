import 'fake-indexeddb/auto'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AutoLock } from '../../../pwa/model/autoLock.ts'
import { Preferences } from '../../../pwa/model/settings.ts'
import { Vault } from '../../../pwa/model/vault.ts'
import { least } from '../../../pwa/model/vaultKdf.ts'
import { openStore } from '../../../pwa/store/db.ts'
import type { Settings } from '../../../pwa/store/schema.ts'
import { KeyChannel } from '../../harness/keyChannel.ts'

vi.mock('../../../pwa/model/argon2.ts', () => import('../../harness/quickArgon2.ts'))

const minute = 60_000
const closing: { close(): void }[] = []

beforeEach(() => vi.stubGlobal('BroadcastChannel', KeyChannel))

afterEach(() => {
  vi.useRealTimers()
  for (const one of closing.splice(0)) one.close()
  vi.unstubAllGlobals()
})

/** An open vault, watched from as many windows; from here on the clocks stand still until they are moved. */
async function watched(set: Partial<Omit<Settings, 'id'>>, windows = 1) {
  const store = await openStore(randomUUID())
  const [vault, settings] = [new Vault(store, least), new Preferences(store)]
  await vault.setUp('four random words')
  await settings.set(set)
  vi.useFakeTimers()
  const locks = Array.from({ length: windows }, () => new AutoLock(vault, settings))
  closing.push(store, vault, ...locks)
  return { vault, settings, locks: locks as [AutoLock, ...AutoLock[]], other: locks[1] as AutoLock }
}

describe('C-VLT-02 a vault that nobody uses', () => {
  it('locks after the time that is set, counted from the last touch', async () => {
    const { vault, locks } = await watched({ lockAfter: 15 })
    await vi.advanceTimersByTimeAsync(14 * minute)
    locks[0].touched()
    await vi.advanceTimersByTimeAsync(14 * minute)
    expect(vault.state.value).toBe('open')
    await vi.advanceTimersByTimeAsync(minute + 15_000)
    expect(vault.state.value).toBe('locked')
  })

  it('stays open while another window is used', async () => {
    const { vault, other } = await watched({ lockAfter: 5 }, 2)
    for (let time = 0; time < 10; time++) {
      await vi.advanceTimersByTimeAsync(4 * minute)
      other.touched()
    }
    expect(vault.state.value).toBe('open')
  })

  it('is locked after a sleep, before the first key counts', async () => {
    const { vault, locks } = await watched({ lockAfter: 60 })
    vi.setSystemTime(Date.now() + 61 * minute)
    locks[0].touched()
    expect(vault.state.value).toBe('locked')
  })

  it('never locks by itself where that is set', async () => {
    const { vault } = await watched({ lockAfter: 0 })
    await vi.advanceTimersByTimeAsync(30 * 60 * minute)
    expect(vault.state.value).toBe('open')
  })
})

describe('C-VLT-02 a vault that nobody sees', () => {
  it('locks once no window is to be seen, where that is set', async () => {
    const { vault, locks, other } = await watched({ lockWhenHidden: true }, 2)
    locks[0].hidden()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(vault.state.value).toBe('open')
    other.hidden()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(vault.state.value).toBe('locked')
  })

  it('stays open where the window is seen again at once, and where it is not set', async () => {
    const { vault, locks, settings } = await watched({ lockWhenHidden: true })
    locks[0].hidden()
    locks[0].shown()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(vault.state.value).toBe('open')
    vi.useRealTimers()
    await settings.set({ lockWhenHidden: false })
    vi.useFakeTimers()
    locks[0].hidden()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(vault.state.value).toBe('open')
  })
})
