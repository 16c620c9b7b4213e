import type { ReadonlySignal } from '@preact/signals'
import type { Store } from '../store/db.ts'
import type { KnownHost } from '../store/schema.ts'

/** What the known hosts say about a key: `changed` means that others are known for this host, whatever their type. */
export type Judgement = 'known' | 'new' | 'changed'

/**
 * The one name of a host and port. A loopback host is another machine behind each relay, so it carries the relay; all
 * others are one host over whichever relay, and two relays that show different keys for it are found out.
 */
export function knownHostId(host: string, port: number, endpointId: string): string {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
  const local = name === 'localhost' || name.endsWith('.localhost') || name.startsWith('127.') || name === '::1'
  const whole = name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`
  return local ? `${whole} via ${endpointId}` : whole
}

/** Compares the whole key blob, not a fingerprint; pure. */
export function judge(known: KnownHost | undefined, key: string): Judgement {
  if (!known?.keys.length) return 'new'
  return known.keys.some((one) => one.key === key) ? 'known' : 'changed'
}

/** `SHA256:` and unpadded base64 of a key blob, as OpenSSH prints it; undefined where the page has no WebCrypto. */
export async function fingerprint(key: string): Promise<string | undefined> {
  if (!globalThis.crypto?.subtle) return undefined
  const blob = Uint8Array.from(atob(key), (character) => character.charCodeAt(0))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', blob))
  return `SHA256:${btoa(String.fromCharCode(...hash)).replace(/=+$/, '')}`
}

/** The hosts whose keys were accepted. */
export class KnownHosts {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  get list(): ReadonlySignal<readonly KnownHost[]> {
    return this.#store.knownHosts.items
  }

  get(id: string): KnownHost | undefined {
    return this.#store.knownHosts.get(id)
  }

  /** Adds an accepted key. */
  async add(id: string, type: string, key: string): Promise<void> {
    const known = this.get(id)
    const entry = { type, key, addedAt: Date.now() }
    if (!known) await this.#store.knownHosts.put({ id, keys: [entry] })
    else if (judge(known, key) !== 'known') {
      await this.#store.knownHosts.update(id, (old) => ({ ...old, keys: [...old.keys, entry] }))
    }
  }

  /** Forgets a host with all its keys, or one key of it. */
  async forget(id: string, key?: string): Promise<void> {
    const left = this.get(id)?.keys.filter((one) => one.key !== key) ?? []
    if (key === undefined || left.length === 0) await this.#store.knownHosts.remove(id)
    else await this.#store.knownHosts.update(id, (old) => ({ ...old, keys: old.keys.filter((one) => one.key !== key) }))
  }
}
