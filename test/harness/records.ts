import type { Page } from 'playwright-core'

/** The records of a store of this page's database. */
export function records(page: Page, store: string): Promise<Record<string, unknown>[]> {
  return page.evaluate(
    (name) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('fairlead')
        opening.onsuccess = () => {
          const all = opening.result.transaction(name).objectStore(name).getAll()
          all.onsuccess = () => {
            opening.result.close()
            resolve(all.result)
          }
        }
        opening.onerror = () => reject(opening.error)
      }),
    store,
  )
}
