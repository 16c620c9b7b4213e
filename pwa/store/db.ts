import { type ReadonlySignal, signal } from '@preact/signals'
import { type IDBPDatabase, openDB } from 'idb'
import { Collection } from './collection.ts'
import { Ending, Endpoint, Held, Host, KnownHost, SCHEMA_VERSION, Screen, Settings, Tab } from './schema.ts'
import { type Aside, Shelf, type ShelfName, shelfNames } from './shelf.ts'
import { StoreFailure } from './storeFailure.ts'

/** Everything that a person owns in this browser. */
export interface Store {
  hosts: Collection<Host>
  endpoints: Collection<Endpoint>
  knownHosts: Collection<KnownHost>
  tabs: Collection<Tab>
  held: Collection<Held>
  endings: Collection<Ending>
  settings: Collection<Settings>
  /** Big, so not held in memory. */
  screens: Shelf<Screen>
  /** Records that were set aside because they did not fit. */
  aside(): Promise<readonly Aside[]>
  /** True once another window with a newer version has taken the database: this one can save nothing more. */
  closed: ReadonlySignal<boolean>
  close(): void
}

/**
 * Opens the database and reads its lists. Rejects with `StoreFailure`: `blocked` when a window of an older version
 * does not let go, `newer` when this one is the older.
 */
export async function openStore(name = 'fairlead', version = SCHEMA_VERSION): Promise<Store> {
  const closed = signal(false)
  const db = await openDatabase(name, version, () => {
    closed.value = true
  })
  const windows = new BroadcastChannel(`${name}-store`)
  const announce = (shelf: ShelfName, id: string) => {
    if (!closed.peek()) windows.postMessage({ shelf, id })
  }
  const collections = {
    hosts: new Collection(new Shelf(db, 'hosts', Host), 'hosts', announce),
    endpoints: new Collection(new Shelf(db, 'endpoints', Endpoint), 'endpoints', announce),
    knownHosts: new Collection(new Shelf(db, 'knownHosts', KnownHost), 'knownHosts', announce),
    tabs: new Collection(new Shelf(db, 'tabs', Tab), 'tabs', announce),
    held: new Collection(new Shelf(db, 'held', Held), 'held', announce),
    endings: new Collection(new Shelf(db, 'endings', Ending), 'endings', announce),
    settings: new Collection(new Shelf(db, 'settings', Settings), 'settings', announce),
  }
  windows.onmessage = ({ data }: MessageEvent<{ shelf: string; id: string }>) => {
    if (closed.peek() || !(data.shelf in collections)) return
    collections[data.shelf as keyof typeof collections].refresh(data.id).catch(() => {
      // What cannot be read any more cannot be kept equal with the other windows.
      closed.value = true
    })
  }
  await Promise.all(Object.values(collections).map((collection) => collection.load()))
  return {
    ...collections,
    screens: new Shelf(db, 'screens', Screen),
    aside: () => db.getAll('aside'),
    closed,
    close() {
      closed.value = true
      windows.close()
      db.close()
    },
  }
}

async function openDatabase(name: string, version: number, onClosed: () => void): Promise<IDBPDatabase> {
  let refuse: (failure: StoreFailure) => void = () => undefined
  const refused = new Promise<never>((_, reject) => {
    refuse = reject
  })
  const opened = openDB(name, version, {
    upgrade(db) {
      for (const shelf of shelfNames) {
        if (!db.objectStoreNames.contains(shelf)) db.createObjectStore(shelf, { keyPath: 'id' })
      }
      if (!db.objectStoreNames.contains('aside')) db.createObjectStore('aside', { autoIncrement: true })
    },
    // Only a window that does not close on `versionchange` blocks; waiting for it could take for ever.
    blocked: () => refuse(new StoreFailure('blocked')),
    blocking(_current, _blocked, event) {
      ;(event.target as IDBDatabase).close()
      onClosed()
    },
    terminated: onClosed,
  })
  try {
    return await Promise.race([opened, refused])
  } catch (error) {
    // A late success after `blocked` would hold the database open for nobody.
    opened.then(
      (db) => db.close(),
      () => undefined,
    )
    throw StoreFailure.of(error)
  }
}
