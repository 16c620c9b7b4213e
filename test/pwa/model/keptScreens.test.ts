import 'fake-indexeddb/auto'
import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { KeptScreens } from '../../../pwa/model/keptScreens.ts'
import { openStore } from '../../../pwa/store/db.ts'
import { StoreFailure } from '../../../pwa/store/storeFailure.ts'

const screen = (id: string, length: number) => ({
  id,
  sessionId: 's',
  offset: 1,
  cols: 80,
  rows: 24,
  data: 'x'.repeat(length),
})

test('keeps all screens within one bound; the one that was kept longest ago goes, also after a reload', async () => {
  const store = await openStore(randomUUID())
  let now = 0
  vi.spyOn(Date, 'now').mockImplementation(() => ++now)
  const before = new KeptScreens(store.screens, 200)
  for (const id of ['a', 'b', 'c']) await before.put(screen(id, 30))
  await before.put(screen('a', 30))
  const kept = new KeptScreens(store.screens, 200)
  await kept.put(screen('d', 40))
  const ids = async () => (await store.screens.all()).map(({ id }) => id)
  expect(await ids()).toEqual(['a', 'c', 'd'])
  await kept.put(screen('e', 1000))
  expect(await ids()).toEqual(['e'])
  vi.restoreAllMocks()
  store.close()
})

test('the bound is one for all windows, and what each of them drops is gone for all', async () => {
  const name = randomUUID()
  const stores = [await openStore(name), await openStore(name)] as const
  const [here, there] = [new KeptScreens(stores[0].screens, 200), new KeptScreens(stores[1].screens, 200)]
  let now = 0
  vi.spyOn(Date, 'now').mockImplementation(() => ++now)
  await here.put(screen('a', 40))
  await there.put(screen('b', 40))
  await here.put(screen('c', 40))
  expect((await stores[1].screens.all()).map(({ id }) => id)).toEqual(['b', 'c'])
  await there.remove('b')
  await here.put(screen('a', 40))
  expect((await stores[1].screens.all()).map(({ id }) => id)).toEqual(['a', 'c'])
  vi.restoreAllMocks()
  for (const store of stores) store.close()
})

test('a full disk takes the other screens, is told once, and ends nothing', async () => {
  const store = await openStore(randomUUID())
  let room = 60
  const shelf = store.screens
  const full = Object.assign(Object.create(shelf) as typeof shelf, {
    index: (name: string) => shelf.index(name),
    remove: (id: string) => shelf.remove(id),
    async put(row: Parameters<typeof shelf.put>[0]) {
      const rest = (await shelf.all()).filter(({ id }) => id !== row.id)
      if (rest.reduce((sum, { data }) => sum + data.length, row.data.length) > room) throw new StoreFailure('quota')
      await shelf.put(row)
    },
  })
  const kept = new KeptScreens(full)
  await kept.put(screen('a', 30))
  await kept.put(screen('b', 40))
  expect((await shelf.all()).map(({ id }) => id)).toEqual(['b'])
  room = 10
  await expect(kept.put(screen('b', 40))).rejects.toMatchObject({ code: 'quota' })
  await kept.put(screen('b', 41))
  expect((await shelf.get('b'))?.data).toHaveLength(40)
  room = 100
  await kept.put(screen('b', 42))
  expect((await shelf.get('b'))?.data).toHaveLength(42)
  store.close()
})
