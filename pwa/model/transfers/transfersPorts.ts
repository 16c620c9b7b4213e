import type { Store } from '../../store/db.ts'
import type { Endpoints } from '../endpoints.ts'
import type { Hosts } from '../hosts.ts'
import type { Preferences } from '../settings.ts'
import type { Tabs } from '../tabs.ts'

/** What the transfers need of the app. */
export interface TransfersPorts {
  store: Store
  tabs: Tabs
  endpoints: Endpoints
  hosts: Hosts
  settings: Preferences
  /** Absent on plain http off loopback. */
  locks: LockManager | undefined
  window: { id: string }
  report(error: unknown): void
}
