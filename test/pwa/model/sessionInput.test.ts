import 'fake-indexeddb/auto'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sending } from '../../../pwa/model/inputQueue.ts'
import { KeptInput } from '../../../pwa/model/keptInput.ts'
import { SessionInput } from '../../../pwa/model/sessionInput.ts'
import { openStore, type Store } from '../../../pwa/store/db.ts'

const text = (data: Uint8Array) => new TextDecoder().decode(data)
const bytes = (data: string) => new TextEncoder().encode(data)

/** Node has no Web Locks: those of one browser, exclusive, in the order of asking. */
function webLocks(): LockManager {
  const ends = new Map<string, Promise<unknown>>()
  const request = async (name: string, { signal }: LockOptions, held: () => Promise<void>) => {
    const before = ends.get(name)
    const refused = new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
    refused.catch(() => undefined)
    if (before) await Promise.race([before, refused])
    const over = held()
    ends.set(name, over)
    await over
  }
  // Of the whole interface only this is used.
  return { request } as unknown as LockManager
}

let store: Store
let locks: LockManager
const pages: SessionInput[] = []

beforeEach(async () => {
  store = await openStore(randomUUID())
  locks = webLocks()
})
afterEach(() => {
  for (const input of pages.splice(0)) input.stop()
  store.close()
})

/** One page's input into session `s`, and what has gone out; `online` says whether it does. */
function page(online = false) {
  const sent: Sending[] = []
  const kept = new KeptInput(store.inputs, locks)
  const input = new SessionInput({
    send: (piece) => {
      if (online) sent.push(piece)
      return online
    },
    sessionId: () => 's',
    kept,
    report: (error) => {
      throw error
    },
  })
  pages.push(input)
  return { input, sent }
}

describe('input that waits while its page goes', () => {
  it('is taken up by the next page, asked about, and sent once', async () => {
    const before = page()
    before.input.type(bytes('ls\r'))
    await before.input.keep()
    before.input.stop()
    const after = page(true)
    await after.input.restore('s')
    expect(after.input.pending.value).toBe(3)
    expect(after.input.typist).toBe(before.input.typist)
    after.input.resume({ inputOffset: 0 })
    after.input.send()
    expect(after.sent).toEqual([])
    expect(after.input.held.value).toMatchObject({ characters: 3 })
    after.input.sendHeld()
    expect(after.sent.map(({ offset, data }) => [offset, text(data)])).toEqual([[0, 'ls\r']])
    after.input.acknowledged(3)
    await after.input.keep()
    expect(await store.inputs.all()).toEqual([])
  })

  it('is not asked about as far as it had arrived', async () => {
    const before = page(true)
    before.input.type(bytes('first '))
    before.input.type(bytes('second'))
    await before.input.keep()
    before.input.stop()
    const after = page(true)
    await after.input.restore('s')
    // The relay had the first, and its acknowledgement was lost with the page.
    after.input.resume({ inputOffset: 6, ownInput: 6 })
    expect(after.input.held.value).toMatchObject({ characters: 6, text: 'second' })
    after.input.sendHeld()
    expect(after.sent.map(({ offset, data }) => [offset, text(data)])).toEqual([[6, 'second']])
  })

  it.each([
    ['is not known to have arrived', undefined],
    ['has arrived', 3],
  ])('is not asked about again where its page goes right after the person has sent it, and it %s', async (_, had) => {
    const before = page()
    before.input.type(bytes('ls\r'))
    await before.input.keep()
    before.input.stop()
    const sender = page(true)
    await sender.input.restore('s')
    sender.input.resume({ inputOffset: 0 })
    await sender.input.keep()
    sender.input.sendHeld()
    if (had !== undefined) sender.input.acknowledged(had)
    sender.input.stop()
    const after = page(true)
    await after.input.restore('s')
    after.input.resume({ inputOffset: 3, ownInput: 3 })
    expect(after.input.held.value).toBeUndefined()
    expect(after.input.pending.value).toBe(0)
  })

  it('comes back with what was being asked about already, and what is typed meanwhile behind it', async () => {
    const before = page()
    before.input.type(bytes('old'))
    before.input.resume({ inputOffset: 5, ownInput: 2 })
    expect(before.input.held.value).toMatchObject({ characters: 3 })
    await before.input.keep()
    before.input.stop()
    const after = page(true)
    await after.input.restore('s')
    after.input.type(bytes('+new'))
    expect(after.input.held.value).toMatchObject({ text: 'old+new' })
  })

  it('of a page that lives is nobody else’s', async () => {
    const living = page()
    living.input.type(bytes('mine'))
    await living.input.keep()
    const other = page(true)
    await other.input.restore('s')
    expect(other.input.pending.value).toBe(0)
    living.input.stop()
    const [one, two] = [page(), page()]
    await Promise.all([one.input.restore('s'), two.input.restore('s')])
    expect(one.input.pending.value + two.input.pending.value).toBe(4)
  })

  it('is kept up to 64 KiB, never a part, and for a day', async () => {
    const { input } = page()
    input.type(new Uint8Array(65_536).fill(97))
    await input.keep()
    expect(await store.inputs.all()).toHaveLength(1)
    input.type(bytes('b'))
    await input.keep()
    expect(await store.inputs.all()).toEqual([])
    await store.inputs.put({ id: 'old', sessionId: 's', offset: 0, pieces: [], held: [bytes('x')], keptAt: 1 })
    const later = page()
    await later.input.restore('s')
    expect(later.input.held.value).toBeUndefined()
    expect(await store.inputs.all()).toEqual([])
  })

  it('is forgotten with the session, and counted as not sent', async () => {
    const before = page()
    before.input.type(bytes('echo'))
    await before.input.keep()
    before.input.stop()
    const after = page()
    await after.input.restore('s')
    expect(after.input.unsent).toBe(4)
    after.input.reset()
    await after.input.keep()
    expect(await store.inputs.all()).toEqual([])
  })
})
