import { computed, type ReadonlySignal } from '@preact/signals'
import * as v from 'valibot'
import type { Store } from '../store/db.ts'
import { Settings } from '../store/schema.ts'

const defaults: Settings = v.parse(Settings, { id: 'settings' })

/** What the person set, equal in all windows. */
export class Preferences {
  readonly #store: Store
  readonly value: ReadonlySignal<Settings>

  constructor(store: Store) {
    this.#store = store
    this.value = computed(() => store.settings.items.value[0] ?? defaults)
  }

  /** Rejects with `StoreFailure`. */
  async set(change: Partial<Omit<Settings, 'id'>>): Promise<void> {
    const now = this.#store.settings.get('settings')
    if (!now) await this.#store.settings.put({ ...defaults, ...change })
    else await this.#store.settings.update('settings', (old) => ({ ...old, ...change }))
  }
}
