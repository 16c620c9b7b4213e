import { type ReadonlySignal, signal } from '@preact/signals'
import { type IDBPDatabase, type IDBPObjectStore, openDB } from 'idb'
import { Collection } from './collection.ts'
import {
  Draft,
  Ending,
  Endpoint,
  Held,
  Host,
  Identity,
  KnownHost,
  SCHEMA_VERSION,
  Screen,
  Settings,
  Tab,
  Transfer,
  TransferItems,
  VaultRecord,
  WaitingInput,
} from './schema.ts'
import { type Aside, Shelf, type ShelfName, shelfNames } from './shelf.ts'
import { StoreFailure } from './storeFailure.ts'

interface Rows {
  hosts: Host
  endpoints: Endpoint
  knownHosts: KnownHost
  identities: Identity
  vaults: VaultRecord
  settings: Settings
}

/** One record to be written or removed together with others. */
export type Change = {
  [N in keyof Rows]: { in: N; put: Rows[N] } | { in: N; remove: string }
}[keyof Rows]

/** Everything that a person owns in this browser. */
export interface Store {
  hosts: Collection<Host>
  endpoints: Collection<Endpoint>
  knownHosts: Collection<KnownHost>
  identities: Collection<Identity>
  /** One record at most. */
  vaults: Collection<VaultRecord>
  tabs: Collection<Tab>
  held: Collection<Held>
  endings: Collection<Ending>
  settings: Collection<Settings>
  /** Big, so not held in memory. */
  screens: Shelf<Screen>
  inputs: Shelf<WaitingInput>
  drafts: Shelf<Draft>
  transfers: Collection<Transfer>
  transferItems: Shelf<TransferItems>
  /** Writes all of them or none, in one transaction. Rejects with `StoreFailure`. */
  write(changes: readonly Change[]): Promise<void>
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
    identities: new Collection(new Shelf(db, 'identities', Identity), 'identities', announce),
    vaults: new Collection(new Shelf(db, 'vaults', VaultRecord), 'vaults', announce),
    tabs: new Collection(new Shelf(db, 'tabs', Tab), 'tabs', announce),
    held: new Collection(new Shelf(db, 'held', Held), 'held', announce),
    endings: new Collection(new Shelf(db, 'endings', Ending), 'endings', announce),
    transfers: new Collection(new Shelf(db, 'transfers', Transfer), 'transfers', announce),
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
    inputs: new Shelf(db, 'inputs', WaitingInput),
    drafts: new Shelf(db, 'drafts', Draft),
    transferItems: new Shelf(db, 'transferItems', TransferItems),
    async write(changes) {
      await writeAll(db, changes)
      for (const change of changes) {
        const id = 'put' in change ? change.put.id : change.remove
        await collections[change.in].refresh(id)
        announce(change.in, id)
      }
    },
    aside: () => db.getAll('aside'),
    closed,
    close() {
      closed.value = true
      windows.close()
      db.close()
    },
  }
}

async function writeAll(db: IDBPDatabase, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  try {
    const tx = db.transaction([...new Set(changes.map((change) => change.in))], 'readwrite')
    try {
      for (const change of changes) {
        const shelf = tx.objectStore(change.in)
        if ('put' in change) void shelf.put(change.put).catch(() => undefined)
        else void shelf.delete(change.remove).catch(() => undefined)
      }
    } catch (error) {
      // What was put before must not stay without the rest.
      tx.abort()
      await tx.done.catch(() => undefined)
      throw error
    }
    await tx.done
  } catch (error) {
    throw StoreFailure.of(error)
  }
}

/** Version 3 knows how big each screen is. What fails here fails the upgrade. */
async function measure(screens: IDBPObjectStore<unknown, string[], 'screens', 'versionchange'>): Promise<void> {
  for (let at = await screens.openCursor(); at; at = await at.continue()) {
    const { data, keptAt = 0 } = at.value
    await at.update({ ...at.value, keptAt, bytes: typeof data === 'string' ? data.length * 2 : 0 })
  }
}

async function openDatabase(name: string, version: number, onClosed: () => void): Promise<IDBPDatabase> {
  let refuse: (failure: StoreFailure) => void = () => undefined
  const refused = new Promise<never>((_, reject) => {
    refuse = reject
  })
  const opened = openDB(name, version, {
    upgrade(db, _from, _to, tx) {
      for (const shelf of shelfNames) {
        if (!db.objectStoreNames.contains(shelf)) db.createObjectStore(shelf, { keyPath: 'id' })
      }
      if (!db.objectStoreNames.contains('aside')) db.createObjectStore('aside', { autoIncrement: true })
      const screens = tx.objectStore('screens')
      if (!screens.indexNames.contains('size')) {
        screens.createIndex('size', ['keptAt', 'bytes'])
        void measure(screens)
      }
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
