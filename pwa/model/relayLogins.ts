import { effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { Store } from '../store/db.ts'
import type { Endpoint } from '../store/schema.ts'
import type { Preferences } from './settings.ts'
import type { Vault } from './vault.ts'
import type { Item } from './vaultWrap.ts'

/** A login is sealed with the address that it is for: under another the token does not open. */
const itemOf = ({ id, url }: Endpoint): Item => ({ id: `${id} ${url}`, type: 'token', version: 1 })

/**
 * The login tokens of the relays: in clear in this browser's storage, or, where the person wants that, sealed in the vault, and
 * then in memory only while it is open. A link that is online stays so when the vault locks; it cannot come back before it is open.
 */
export class RelayLogins {
  readonly #store: Store
  readonly #vault: Vault
  readonly #settings: Preferences
  readonly #unsealed = signal<ReadonlyMap<string, string>>(new Map())
  /** Made while the vault was locked, by the id of the endpoint: they are sealed when it opens. */
  readonly #pending = new Map<string, string>()
  readonly #stop: () => void
  #work: Promise<void> = Promise.resolve()

  constructor(store: Store, vault: Vault, settings: Preferences, report: (error: unknown) => void) {
    this.#store = store
    this.#vault = vault
    this.#settings = settings
    this.#stop = effect(() => {
      const open = vault.state.value === 'open'
      const endpoints = store.endpoints.items.value
      const wanted = settings.value.value.sealTokens
      if (!open) this.#unsealed.value = new Map(this.#pending)
      else untracked(() => this.#then(() => this.#follow(endpoints, wanted)).catch(report))
    })
  }

  /** Those that are sealed and open, by the id of the endpoint. */
  get unsealed(): ReadonlySignal<ReadonlyMap<string, string>> {
    return this.#unsealed
  }

  /** The token of an endpoint; undefined where there is none, or it is in a locked vault. */
  token(endpoint: Endpoint): string | undefined {
    return endpoint.token ?? this.#unsealed.peek().get(endpoint.id)
  }

  /** Keeps a new token, sealed where that is wanted; while the vault is locked, in memory only. Rejects with `StoreFailure`. */
  async keep(id: string, token: string): Promise<void> {
    const endpoint = this.#store.endpoints.get(id)
    if (!endpoint) return
    if (!this.#settings.value.peek().sealTokens || this.#vault.state.peek() === 'none') {
      await this.#store.endpoints.update(id, ({ sealedToken: _, ...old }) => ({ ...old, token }))
      return
    }
    this.#hold(id, token)
    if (this.#vault.state.peek() === 'open') await this.#then(() => this.#seal(endpoint, token))
    else this.#pending.set(id, token)
  }

  close(): void {
    this.#stop()
  }

  async #follow(endpoints: readonly Endpoint[], wanted: boolean): Promise<void> {
    for (const endpoint of endpoints) {
      // The vault would ask the person, who has not asked for anything.
      if (this.#vault.state.peek() !== 'open') return
      const { id, sealedToken } = endpoint
      const token = this.#pending.get(id) ?? endpoint.token
      if (token !== undefined && wanted) await this.#seal(endpoint, token)
      else if (sealedToken && !this.#unsealed.peek().has(id)) await this.#open(endpoint)
      const clear = this.#unsealed.peek().get(id)
      if (sealedToken && !wanted && clear !== undefined) {
        await this.#store.endpoints.update(id, ({ sealedToken: _, ...old }) => ({ ...old, token: clear }))
      }
    }
  }

  async #seal(endpoint: Endpoint, token: string): Promise<void> {
    const sealedToken = await this.#vault.seal(itemOf(endpoint), new TextEncoder().encode(token))
    this.#hold(endpoint.id, token)
    this.#pending.delete(endpoint.id)
    await this.#store.endpoints.update(endpoint.id, ({ token: _, ...old }) => ({ ...old, sealedToken }))
  }

  async #open(endpoint: Endpoint): Promise<void> {
    const { sealedToken } = endpoint
    if (!sealedToken) return
    const token = await this.#vault.open(itemOf(endpoint), sealedToken)
    this.#hold(endpoint.id, new TextDecoder().decode(token))
  }

  #hold(id: string, token: string): void {
    this.#unsealed.value = new Map(this.#unsealed.peek()).set(id, token)
  }

  /** One after the other, so that two changes of one record do not cross. What the lock interrupts is done at the next opening. */
  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(async () => {
      if (this.#vault.state.peek() === 'open') await work()
    })
    this.#work = done.catch(() => undefined)
    return done
  }
}
