import 'fake-indexeddb/auto'
import { randomUUID } from 'node:crypto'
import { openDB } from 'idb'
import { expect, it } from 'vitest'
import { ItemList } from '../../../../pwa/model/transfers/itemList.ts'
import { openStore } from '../../../../pwa/store/db.ts'
import type { TransferItem } from '../../../../pwa/store/schema.ts'

const item = (at: number): TransferItem => ({
  path: [`f${at}`],
  kind: 'file',
  size: at,
  modifiedAt: 0,
  state: 'waiting',
})
const fail = (error: unknown) => {
  throw error
}

it('keeps ten thousand items in chunks, and changes of one alone', async () => {
  const store = await openStore(randomUUID())
  const list = new ItemList(store.transferItems, 't', fail)
  for (let at = 0; at < 10_000; at++) list.add(item(at))
  list.change(9_999, { state: 'done' })
  await list.keep()
  expect(list.chunks).toBe(40)
  const again = await ItemList.load(store.transferItems, 't', list.chunks, fail)
  expect(again.whole).toBe(true)
  expect(again.items.length).toBe(10_000)
  expect(again.at(9_999).state).toBe('done')
  await list.remove(list.chunks)
  expect((await ItemList.load(store.transferItems, 't', 40, fail)).whole).toBe(false)
  expect(await store.transferItems.all()).toEqual([])
  store.close()
})

it('says what is kept by now, and tries again what could not be written', async () => {
  const store = await openStore(randomUUID())
  const { transferItems } = store
  let full = true
  const shelf = new Proxy(transferItems, {
    get: (_, key) =>
      key === 'put' && full ? () => Promise.reject(new Error('full')) : transferItems[key as 'put'].bind(transferItems),
  })
  const list = new ItemList(shelf, 't', () => undefined)
  for (let at = 0; at < 300; at++) list.add(item(at))
  await expect(list.keep()).rejects.toThrow('full')
  expect([list.chunks, list.kept]).toEqual([2, 0])
  full = false
  await list.keep()
  expect(list.kept).toBe(2)
  expect((await ItemList.load(store.transferItems, 't', 2, fail)).items.length).toBe(300)
  store.close()
})

it('C-IDB-02 a chunk that does not fit is set aside, and the list is not taken for whole', async () => {
  const name = randomUUID()
  const store = await openStore(name)
  const raw = await openDB(name)
  const first = Array.from({ length: 256 }, (_, at) => item(at))
  await raw.put('transferItems', { id: 't 0', items: first })
  const junk = [{ path: [] }, { ...item(1), size: -1 }, { ...item(1), state: 'other' }, { ...item(1), from: 7 }]
  for (const one of [...junk, { ...item(1), tries: -1 }, 'junk', null]) {
    await raw.put('transferItems', { id: 't 1', items: [one] })
    const list = await ItemList.load(store.transferItems, 't', 3, fail)
    expect([list.whole, list.items.length]).toEqual([false, 256])
  }
  expect((await store.aside()).length).toBe(7)
  raw.close()
  store.close()
})
