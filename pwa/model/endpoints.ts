import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import { type Launch, type Platform, readLaunch } from '../platform.ts'
import type { Store } from '../store/db.ts'
import type { Endpoint } from '../store/schema.ts'
import { Failed } from './failure.ts'
import { newId } from './id.ts'
import { Link } from './link.ts'
import type { RelayLogins } from './relayLogins.ts'
import { callRelay } from './rest.ts'

/** The id of the relay that serves the page: the same in every window. */
const OWN = 'own'

/** A relay as the interface shows it. */
export interface EndpointView {
  id: string
  label: string
  url: string
  /** It serves this page, and cannot be forgotten. */
  own: boolean
  link: Link
  /** It has a login, which is in the vault: whether the link can come back depends on that being open. */
  loginSealed: boolean
}

/**
 * The origin of what a person types for a relay: `https://relay.example`, `127.0.0.1:8022`, or a whole launch URL. Without
 * a scheme loopback is http and all else https. Throws `Failed('bad-address')`.
 */
export function readRelayAddress(text: string): { url: string; launch: Launch } {
  const typed = text.trim()
  const bare = !/^[a-z][a-z0-9+.-]*:\/\//i.test(typed)
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|#|$)/i.test(typed)
  let url: URL
  try {
    url = new URL(bare ? `${local ? 'http' : 'https'}://${typed}` : typed)
  } catch (cause) {
    throw new Failed('bad-address', cause)
  }
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || !url.hostname) throw new Failed('bad-address')
  return { url: url.origin, launch: readLaunch(url.hash) }
}

/** On the machine that it runs on a relay is called local; its port tells a person nothing. */
function ownLabel(url: string): string {
  return isLocal(url) ? 'local' : new URL(url).host
}

/** Whether a relay's origin leads to this very machine, and so to another one from another device. */
export function isLocal(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname)
}

/** The relays that this browser knows, each with its live link. */
export class Endpoints {
  readonly #store: Store
  readonly #platform: Platform
  readonly #logins: RelayLogins
  readonly #links = new Map<string, Link>()
  readonly #list = signal<readonly EndpointView[]>([])
  readonly #stop: () => void
  /** The endpoint that a new tab goes through unless another is chosen: the page's own relay, else the oldest online. */
  readonly preferred: ReadonlySignal<EndpointView | undefined>

  constructor(store: Store, platform: Platform, logins: RelayLogins) {
    this.#store = store
    this.#platform = platform
    this.#logins = logins
    const stops = [
      effect(() => {
        const endpoints = store.endpoints.items.value
        untracked(() => this.#follow(endpoints))
      }),
      effect(() => {
        for (const id of logins.unsealed.value.keys()) untracked(() => this.#links.get(id)?.retry())
      }),
    ]
    this.#stop = () => {
      for (const stop of stops) stop()
    }
    this.preferred = computed(() => {
      const views = this.#list.value
      return views.find((view) => view.own) ?? views.find((view) => view.link.state.value === 'online') ?? views[0]
    })
  }

  get list(): ReadonlySignal<readonly EndpointView[]> {
    return this.#list
  }

  view(id: string): EndpointView | undefined {
    return this.#list.value.find((view) => view.id === id)
  }

  /** Makes sure that the relay that serves the page is known, and takes the login token that a launch URL carried. */
  async start(launch: Launch = this.#platform.launch): Promise<void> {
    const { ownRelay } = this.#platform
    if (!ownRelay) return
    const own = this.#store.endpoints.get(OWN)
    const token = launch.relay === undefined ? launch.token : undefined
    if (own?.url !== ownRelay) {
      const label = ownLabel(ownRelay)
      await this.#store.endpoints.put({ id: OWN, label, url: ownRelay, createdAt: Date.now(), ...(token && { token }) })
    } else if (token && token !== own.token) {
      // A launch URL may be old, from a bookmark: it does not replace a login that is good.
      if ((own.token ?? own.sealedToken) === undefined || (await wantsLogin(this.#must(OWN).link)))
        await this.#takeToken(OWN, token)
    }
  }

  /**
   * Adds a relay by address and password, or by launch URL; one that is known takes the new login. Call it from a click,
   * the browser may ask for permission. Rejects with `Failed`; `login-required` where it wants a password.
   */
  async add(address: string, password?: string): Promise<EndpointView> {
    const { url, launch } = readRelayAddress(address)
    if (!(await this.#platform.reach(url))) throw new Failed('not-permitted')
    const status = await callRelay(url, 'status', undefined)
    let token = launch.token
    if (password !== undefined && status.passwordEnabled) token = (await callRelay(url, 'login', { password })).token
    const known = this.#store.endpoints.items.peek().find((endpoint) => endpoint.url === url)
    const id = known?.id ?? newId()
    if (known) {
      if (token) await this.#takeToken(id, token)
    } else {
      const label = new URL(url).host
      await this.#store.endpoints.put({ id, label, url, createdAt: Date.now(), ...(token && { token }) })
    }
    return this.#must(id)
  }

  /** Logs in with the relay's password. */
  async login(id: string, password: string): Promise<void> {
    const { url } = this.#must(id)
    const { token } = await callRelay(url, 'login', { password })
    await this.#takeToken(id, token)
  }

  /** Gives a relay in set-up mode its first password; the code is on its console. */
  async setUp(id: string, setUpCode: string, newPassword: string): Promise<void> {
    const { url } = this.#must(id)
    const { token } = await callRelay(url, 'set-password', { newPassword, setUpCode })
    await this.#takeToken(id, token)
  }

  async rename(id: string, label: string): Promise<void> {
    await this.#store.endpoints.update(id, (old) => ({ ...old, label: label.trim() || new URL(old.url).host }))
  }

  /** Removes a relay from this browser and ends its login; its sessions stay with it until their grace is over. */
  async forget(id: string): Promise<void> {
    const endpoint = this.#store.endpoints.get(id)
    if (!endpoint || id === OWN) return
    await this.#store.endpoints.remove(id)
    const token = this.#logins.token(endpoint)
    if (token) await callRelay(endpoint.url, 'logout', {}, token).catch(() => undefined)
  }

  /** The device woke up or its network changed. */
  wake(): void {
    for (const link of this.#links.values()) link.wake()
  }

  close(): void {
    this.#stop()
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  #must(id: string): EndpointView {
    const view = this.view(id)
    if (!view) throw new Failed('no-endpoint')
    return view
  }

  async #takeToken(id: string, token: string): Promise<void> {
    await this.#logins.keep(id, token)
    this.#links.get(id)?.retry()
  }

  #follow(endpoints: readonly Endpoint[]): void {
    for (const [id, link] of this.#links) {
      if (endpoints.some((endpoint) => endpoint.id === id && endpoint.url === link.url)) continue
      link.close()
      this.#links.delete(id)
    }
    this.#list.value = endpoints.map(({ id, label, url, sealedToken }) => {
      const link = this.#links.get(id) ?? new Link(url, () => this.#tokenFor(id, url))
      this.#links.set(id, link)
      return { id, label, url, own: id === OWN, link, loginSealed: sealedToken !== undefined }
    })
  }

  /** The token of an endpoint for a link to `url`, and for no other. */
  #tokenFor(id: string, url: string): string | undefined {
    const endpoint = this.#store.endpoints.get(id)
    return endpoint?.url === url ? this.#logins.token(endpoint) : undefined
  }
}

/** Resolves when it is known whether a relay takes the login that it is offered. */
function wantsLogin(link: Link): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      const state = link.state.value
      if (state !== 'online' && state !== 'login-required') return
      resolve(state === 'login-required')
      queueMicrotask(() => stop())
    })
  })
}
