import type { ReadonlySignal } from '@preact/signals'
import type { Store } from '../store/db.ts'
import type { KnownHost, KnownKey } from '../store/schema.ts'
import { newId } from './id.ts'
import type { Conflict, Merge } from './knownHostsMerge.ts'
import { canonicalHost, fileName, isHashed, isLocal, knownHostId, patternsFit, placeOf } from './knownHostsName.ts'

/**
 * What the known hosts say about a key. `changed`: others are known for this host, whatever their type. `announced`: the
 * host has announced it, on the word of a relay alone or of another one. `revoked`: it is good for nothing any more.
 */
export type Judgement = 'known' | 'new' | 'announced' | 'changed' | 'revoked'

/** A key that is known for a host, and where that stands. */
export interface KnownFor extends KnownKey {
  /** The patterns of the line that says so, where it speaks of more than this host. */
  hosts: string | undefined
}

/** A judgement and its reasons. */
export interface Verdict {
  judgement: Judgement
  /** What is known for the host. */
  known: readonly KnownFor[]
  /** Other hosts, as files name them, for which the very same key is known. */
  elsewhere: readonly string[]
}

/** Hosts that share a key and are named. */
const ELSEWHERE_MAX = 100
/** Keys that are kept for one host. */
const KEYS_MAX = 64
/** Host key algorithms by the type of the key, all that a relay may know (RFC 8332 for `ssh-rsa`); SHA-1 comes last. */
const algorithmsOf: Record<string, readonly string[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}
const SHA1 = 'ssh-rsa'

/** Judges a key by what is known of its host, comparing whole blobs; pure. */
export function judge(records: readonly KnownHost[], key: string, endpointId: string): Judgement {
  const of = (marker: string | undefined) =>
    records.filter(({ line }) => line?.marker === marker).flatMap(({ keys }) => keys)
  if (of('revoked').some((one) => one.key === key)) return 'revoked'
  const keys = of(undefined)
  const same = keys.filter((one) => one.key === key)
  if (same.some((one) => counts(one, endpointId))) return 'known'
  if (same.length > 0) return 'announced'
  return keys.length > 0 ? 'changed' : 'new'
}

/** An announced key counts through the relay on whose connection it was proven, until a person accepts it. */
function counts({ from, bound, endpointId: through }: KnownKey, endpointId: string): boolean {
  return from !== 'announced' || (bound === true && through === endpointId)
}

/** `SHA256:` and unpadded base64 of a key blob, as OpenSSH prints it; undefined where the page has no WebCrypto. */
export async function fingerprint(key: string): Promise<string | undefined> {
  if (!globalThis.crypto?.subtle) return undefined
  const blob = Uint8Array.from(atob(key), (character) => character.charCodeAt(0))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', blob))
  return `SHA256:${btoa(String.fromCharCode(...hash)).replace(/=+$/, '')}`
}

/** The hosts whose keys were accepted, read from a file or announced, and what must never be accepted. */
export class KnownHosts {
  readonly #store: Store
  /** Hashed lines by the name that they are the hash of, as long as the list is the same. */
  #hashed: { of: readonly KnownHost[]; byName: Map<string, readonly KnownHost[]> } = { of: [], byName: new Map() }

  constructor(store: Store) {
    this.#store = store
  }

  get list(): ReadonlySignal<readonly KnownHost[]> {
    return this.#store.knownHosts.items
  }

  get(id: string): KnownHost | undefined {
    return this.#store.knownHosts.get(id)
  }

  /** What is known about a key that a host shows through a relay. */
  async judge(host: string, port: number, endpointId: string, key: string): Promise<Verdict> {
    const records = await this.#about(host, port, endpointId)
    const id = knownHostId(host, port, endpointId)
    const known = records
      .filter(({ line }) => line?.marker === undefined)
      .flatMap(({ keys, line }) =>
        keys.map((one) => ({ ...one, hosts: line && !isHashed(line.hosts) ? line.hosts : undefined })),
      )
    return { judgement: judge(records, key, endpointId), known, elsewhere: this.#elsewhere(id, key) }
  }

  /** Whole key blobs, base64, that a signature for the host may be bound to. */
  async accepted(host: string, port: number, endpointId: string): Promise<string[]> {
    const records = await this.#about(host, port, endpointId)
    const keys = records.filter(({ line }) => line?.marker === undefined).flatMap(({ keys }) => keys)
    return [...new Set(keys.map(({ key }) => key))].filter((key) => judge(records, key, endpointId) === 'known')
  }

  /**
   * The host key algorithms to ask a host for: those of its known keys first, so that it can show one of them, then all
   * others, so that one which shows another key is seen to have changed. Undefined where nothing is known.
   */
  async algorithms(host: string, port: number, endpointId: string): Promise<string[] | undefined> {
    const keys = (await this.#about(host, port, endpointId))
      .filter(({ line }) => line?.marker === undefined)
      .flatMap(({ keys }) => keys)
    if (keys.length === 0) return undefined
    const firm = keys.filter((key) => counts(key, endpointId) && key.absentSince === undefined)
    const names = [...firm, ...keys].flatMap(({ type }) => algorithmsOf[type] ?? [])
    return [...new Set([...names, ...Object.values(algorithmsOf).flat(), SHA1])]
  }

  /** Adds a key that the person accepted. @param endpointId the relay through which it was seen */
  async add(id: string, type: string, key: string, endpointId: string): Promise<void> {
    const entry: KnownKey = { type, key, addedAt: Date.now(), from: 'person', endpointId }
    if (!this.get(id)) return this.#store.knownHosts.put({ id, keys: [entry] })
    await this.#store.knownHosts.update(id, (old) => {
      const same = old.keys.find((one) => one.key === key)
      if (same && same.from !== 'announced') return old
      return { ...old, keys: [...old.keys.filter((one) => one !== same), entry] }
    })
  }

  /**
   * Keeps what a host has announced: proven keys of a host that is trusted, at most 64 a host; what it leaves out is marked
   * and stays.
   * @param shown the key that the host has shown on this connection
   * @param bound whether this browser has checked the connection's session id itself
   * @returns the keys that are new
   */
  async learn(
    { id, endpointId, shown, bound }: { id: string; endpointId: string; shown: string; bound: boolean },
    announced: readonly { type: string; key: string; proven: boolean }[],
  ): Promise<readonly KnownKey[]> {
    const host = this.get(id)
    const trusted = host?.keys.some((one) => one.key === shown && counts(one, endpointId))
    if (!trusted || !announced.some(({ key }) => key === shown)) return []
    const now = Date.now()
    const names = new Set(announced.map(({ key }) => key))
    const revoked = new Set(this.#revoked())
    let learned: KnownKey[] = []
    await this.#store.knownHosts.update(id, ({ keys, ...old }) => {
      const kept = keys.map(({ absentSince, ...one }) => {
        const absent = names.has(one.key) ? undefined : (absentSince ?? now)
        const proven =
          one.from === 'announced' && bound && announced.some(({ key, proven }) => key === one.key && proven)
        return { ...one, ...(absent !== undefined && { absentSince: absent }), ...(proven && { bound, endpointId }) }
      })
      learned = announced
        .filter(({ key, proven, type }) => proven && type in algorithmsOf && !revoked.has(key))
        .filter(({ key }) => !keys.some((one) => one.key === key))
        .slice(0, Math.max(0, KEYS_MAX - keys.length))
        .map(({ type, key }) => ({ type, key, addedAt: now, from: 'announced', endpointId, bound }) as const)
      return { ...old, keys: [...kept, ...learned] }
    })
    return learned
  }

  /** Forgets a host or line with all its keys, or one key of it; what was only announced goes with the last that was trusted. */
  async forget(id: string, key?: string): Promise<void> {
    const left = this.get(id)?.keys.filter((one) => one.key !== key && one.from !== 'announced') ?? []
    if (key === undefined || left.length === 0) await this.#store.knownHosts.remove(id)
    else await this.#store.knownHosts.update(id, (old) => ({ ...old, keys: old.keys.filter((one) => one.key !== key) }))
  }

  /** Forgets all that is known of a host, also lines that say something of others as well; not what is revoked. */
  async forgetHost(host: string, port: number, endpointId: string): Promise<void> {
    const records = await this.#about(host, port, endpointId)
    const ids = records.filter(({ line }) => line?.marker === undefined).map(({ id }) => id)
    await this.#store.write(ids.map((id) => ({ in: 'knownHosts', remove: id })))
  }

  /** Makes a key unacceptable for every host, for good. */
  async revoke(type: string, key: string): Promise<void> {
    if (this.#revoked().includes(key)) return
    const entry: KnownKey = { type, key, addedAt: Date.now(), from: 'person' }
    await this.#store.knownHosts.put({ id: `line ${newId()}`, keys: [entry], line: { hosts: '*', marker: 'revoked' } })
  }

  /** Takes in what was chosen of a file, all of it or nothing. Rejects with `StoreFailure`. */
  async merge(merge: Merge, replace: ReadonlySet<Conflict>): Promise<void> {
    const { mergedRecords } = await import('./knownHostsMerge.ts')
    const records = mergedRecords(merge, replace, this.list.peek(), Date.now())
    await this.#store.write(records.map((put) => ({ in: 'knownHosts', put })))
  }

  #revoked(): string[] {
    const lines = this.list.peek().filter(({ line }) => line?.marker === 'revoked' && line.hosts === '*')
    return lines.flatMap(({ keys }) => keys.map(({ key }) => key))
  }

  /** The record of a host and the lines that fit it. Of a local host, files say only what is revoked. */
  async #about(host: string, port: number, endpointId: string): Promise<KnownHost[]> {
    const canonical = canonicalHost(host)
    const id = knownHostId(host, port, endpointId)
    const name = fileName({ host: canonical, port })
    const hashed = await this.#hashedFor(name)
    const local = isLocal(canonical)
    return this.list.peek().filter((record) => {
      const { line } = record
      if (!line) return record.id === id
      if (local && line.marker !== 'revoked') return false
      return isHashed(line.hosts) ? hashed.includes(record) : patternsFit(line.hosts, name)
    })
  }

  async #hashedFor(name: string): Promise<readonly KnownHost[]> {
    const list = this.list.peek()
    if (this.#hashed.of !== list) this.#hashed = { of: list, byName: new Map() }
    const { byName } = this.#hashed
    const found = byName.get(name)
    if (found) return found
    const lines = list.filter(({ line }) => line && isHashed(line.hosts))
    const { hashFits } = lines.length > 0 ? await import('./knownHostsHash.ts') : { hashFits: () => false }
    const fitting = lines.filter(({ line }) => hashFits(line?.hosts ?? '', name))
    byName.set(name, fitting)
    return fitting
  }

  /** The hosts, as files name them, for which a key is known, at most 100. */
  withKey(key: string): string[] {
    return this.#elsewhere('', key)
  }

  #elsewhere(id: string, key: string): string[] {
    const others: string[] = []
    for (const record of this.list.peek()) {
      if (others.length === ELSEWHERE_MAX) break
      if (record.id === id || record.line?.marker) continue
      if (!record.keys.some((one) => one.key === key && one.from !== 'announced')) continue
      const place = placeOf(record.id)
      if (place && !record.line) others.push(fileName(place))
      else if (record.line && !isHashed(record.line.hosts)) others.push(record.line.hosts)
    }
    return others
  }
}
