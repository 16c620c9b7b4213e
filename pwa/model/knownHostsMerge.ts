import type { KnownHost, KnownKey } from '../store/schema.ts'
import { newId } from './id.ts'
import type { FileEntry, KnownHostsFile } from './knownHostsFile.ts'
import { fileName, isLocal, knownHostId } from './knownHostsName.ts'

/** One key of a file, and where it would go. */
export interface Addition {
  entry: FileEntry
  /** The record that it belongs to; undefined for a line, which is a record of its own. */
  id: string | undefined
  /** What it is about, as a file names it. */
  hosts: string
}

/** A key of a file for a host that is known by another key of the same type. */
export interface Conflict extends Addition {
  id: string
  /** The keys that are known and would be forgotten for it. */
  known: readonly KnownKey[]
}

/** What reading a file in would do. Nothing is written before `apply`. */
export interface Merge {
  added: readonly Addition[]
  conflicts: readonly Conflict[]
  /** Entries that are known already. */
  same: number
  /** Entries about loopback and link-local hosts: those are other machines behind each relay. */
  local: readonly Addition[]
  /** Entries with a key that is revoked here. */
  revoked: readonly Addition[]
}

/** Compares a file with what is known; pure. */
export function mergeOf(file: KnownHostsFile, hosts: readonly KnownHost[]): Merge {
  const byId = new Map(hosts.map((host) => [host.id, host]))
  const lines = new Set(
    hosts.filter(({ line }) => line).flatMap(({ line, keys }) => keys.map(({ key }) => lineKey(line, key))),
  )
  const revokedKeys = new Set(
    hosts.filter(({ line }) => line?.marker === 'revoked').flatMap(({ keys }) => keys.map(({ key }) => key)),
  )
  const seen = new Set<string>()
  const merge = {
    added: [] as Addition[],
    conflicts: [] as Conflict[],
    same: 0,
    local: [] as Addition[],
    revoked: [] as Addition[],
  }
  for (const entry of file.entries) {
    const { about, key, type } = entry
    const place = 'place' in about ? about.place : undefined
    const id = place && knownHostId(place.host, place.port, '')
    const mark = id === undefined ? lineKey(about as { hosts: string }, key) : `${id} ${key}`
    if (seen.has(mark)) continue
    seen.add(mark)
    const addition = { entry, id, hosts: place ? fileName(place) : (about as { hosts: string }).hosts }
    const keys = id === undefined ? [] : (byId.get(id)?.keys ?? []).filter(({ from }) => from !== 'announced')
    const others = keys.filter((known) => known.type === type)
    if (lines.has(mark) || keys.some((known) => known.key === key)) merge.same += 1
    else if (place && isLocal(place.host)) merge.local.push(addition)
    else if (revokedKeys.has(key) && !('marker' in about)) merge.revoked.push(addition)
    else if (id !== undefined && others.length > 0) merge.conflicts.push({ ...addition, id, known: others })
    else merge.added.push(addition)
  }
  return merge
}

/** The records as they are once what was chosen of a merge is in; only those that change. */
export function mergedRecords(
  merge: Merge,
  replace: ReadonlySet<Conflict>,
  hosts: readonly KnownHost[],
  now: number,
): KnownHost[] {
  const byId = new Map(hosts.map((host) => [host.id, host]))
  const changed = new Map<string, KnownHost>()
  const put = ({ entry, id }: Addition, dropped: ReadonlySet<string>) => {
    const { type, key, comment, about } = entry
    const known: KnownKey = { type, key, addedAt: now, from: 'file', ...(comment && { comment }) }
    if (id === undefined) {
      const { hosts: names, marker } = about as { hosts: string; marker?: 'revoked' | 'cert-authority' }
      const record = { id: `line ${newId()}`, keys: [known], line: { hosts: names, ...(marker && { marker }) } }
      changed.set(record.id, record)
      return
    }
    const before = (changed.get(id) ?? byId.get(id))?.keys ?? []
    // What was announced rests on the keys that were known then.
    const kept = before.filter(
      (one) => one.key !== key && !dropped.has(one.key) && !(dropped.size && one.from === 'announced'),
    )
    changed.set(id, { id, keys: [...kept, known] })
  }
  for (const addition of merge.added) put(addition, new Set())
  for (const conflict of merge.conflicts)
    if (replace.has(conflict)) put(conflict, new Set(conflict.known.map(({ key }) => key)))
  return [...changed.values()]
}

function lineKey(line: { hosts: string; marker?: string | undefined } | undefined, key: string): string {
  return `@${line?.marker ?? ''} ${line?.hosts.toLowerCase()} ${key}`
}
