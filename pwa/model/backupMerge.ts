import { targetText } from '../../shared/target.ts'
import type { Change, Store } from '../store/db.ts'
import type { Endpoint, Host, Identity, KnownHost, Settings } from '../store/schema.ts'
import type { Backup } from './backup.ts'
import { newId } from './id.ts'
import { sameBytes } from './sshWire.ts'
import type { Vault } from './vault.ts'

type Kind = 'relay' | 'host' | 'known host' | 'key' | 'password'

/** What would be written for one record of a backup. */
interface Step {
  kind: Kind
  label: string
  write(vault: Vault): Promise<Change>
}

/** A record that is here as well, and differs: the person chooses. */
export interface Conflict extends Step {
  id: string
  here: string
  there: string
}

/** What taking a backup in would do. Nothing is written before `applyMerge`. */
export interface BackupMerge {
  createdAt: number
  added: readonly Step[]
  conflicts: readonly Conflict[]
  /** Records that are here already, just so. */
  same: number
  /** Keys and passwords whose secret is not in the backup, by name. */
  without: readonly string[]
  /** What the person had set there, if anything. */
  settings: Settings | undefined
}

type Here = Pick<Store, 'hosts' | 'endpoints' | 'knownHosts' | 'identities' | 'settings'>

const put = (change: Change) => () => Promise.resolve(change)

/** How many of each kind there are, in the order in which they are named. */
export function countKinds(steps: readonly { kind: Kind }[]): [Kind, number][] {
  const kinds: Kind[] = ['host', 'relay', 'known host', 'key', 'password']
  return kinds.map((kind) => [kind, steps.filter((step) => step.kind === kind).length])
}

/** Whether any step seals something, so that a vault is needed. */
export function needsVault(steps: readonly { kind: Kind }[]): boolean {
  return steps.some(({ kind }) => kind === 'key' || kind === 'password')
}

/** Compares a backup with what is here. `secretOf` opens what is sealed here; undefined where it is damaged, and so to be had from the backup. */
export async function mergeOf(
  backup: Backup,
  here: Here,
  secretOf: (identity: Identity) => Promise<Uint8Array | undefined>,
): Promise<BackupMerge> {
  const merge = { added: [] as Step[], conflicts: [] as Conflict[], same: 0, without: [] as string[] }
  const endpointIds = mergeEndpoints(backup, here.endpoints.items.peek(), merge)
  const identityIds = await mergeIdentities(backup, here.identities.items.peek(), merge, secretOf)
  mergeHosts(backup, here.hosts.items.peek(), merge, endpointIds, identityIds)
  mergeKnownHosts(backup, here.knownHosts.items.peek(), merge, endpointIds)
  return { ...merge, createdAt: backup.createdAt, settings: backup.settings }
}

/** Writes what is new, the conflicts that were `taken` by their id, and the settings if they are wanted: all of it or nothing. */
export async function applyMerge(
  merge: BackupMerge,
  taken: ReadonlySet<string>,
  wanted: { settings: boolean; secrets: boolean },
  store: Store,
  vault: Vault,
): Promise<number> {
  const steps = [...merge.added, ...merge.conflicts.filter(({ id }) => taken.has(id))].filter(
    (step) => wanted.secrets || !needsVault([step]),
  )
  const changes: Change[] = []
  for (const step of steps) changes.push(await step.write(vault))
  if (wanted.settings && merge.settings) {
    const { backedUpAt, remindAfter } = store.settings.get('settings') ?? {}
    changes.push({ in: 'settings', put: { ...merge.settings, backedUpAt, remindAfter } })
  }
  await store.write(changes)
  return steps.length
}

type Found = { added: Step[]; conflicts: Conflict[]; same: number; without: string[] }

/** A relay is its address; one that is here keeps its name. */
function mergeEndpoints(backup: Backup, here: readonly Endpoint[], found: Found): Map<string, string> {
  const ids = new Map<string, string>()
  for (const { id, label, url, createdAt } of backup.endpoints) {
    const known = here.find((one) => one.url === url)
    const own = known?.id ?? newId()
    ids.set(id, own)
    if (known) found.same++
    else
      found.added.push({
        kind: 'relay',
        label,
        write: put({ in: 'endpoints', put: { id: own, label, url, createdAt } }),
      })
  }
  return ids
}

function mergeHosts(
  backup: Backup,
  here: readonly Host[],
  found: Found,
  endpointIds: ReadonlyMap<string, string>,
  identityIds: ReadonlyMap<string, string>,
): void {
  const own = (id: string | null | undefined) => (id ? (identityIds.get(id) ?? null) : null)
  for (const { identityId, jumpIdentityIds, ...rest } of backup.hosts) {
    const identity = own(identityId)
    const host: Host = {
      ...rest,
      endpointId: endpointIds.get(rest.endpointId) ?? rest.endpointId,
      ...(identity !== null && { identityId: identity }),
      ...(jumpIdentityIds && { jumpIdentityIds: jumpIdentityIds.map(own) }),
    }
    const address = targetText(host.target)
    const known = here.find(
      (one) => one.id === host.id || (one.endpointId === host.endpointId && targetText(one.target) === address),
    )
    const text = (one: Host) => `${one.label}, ${targetText(one.target)}`
    if (!known) {
      found.added.push({ kind: 'host', label: host.label, write: put({ in: 'hosts', put: host }) })
    } else if (sameHost(known, host) || (known.saved && !host.saved)) found.same++
    else {
      found.conflicts.push({
        id: `host ${host.id}`,
        kind: 'host',
        label: known.label,
        here: text(known),
        there: text(host),
        write: put({ in: 'hosts', put: { ...host, id: known.id } }),
      })
    }
  }
}

/** Whether nothing that a person has set differs. */
function sameHost(one: Host, other: Host): boolean {
  const set = ({
    label,
    target,
    endpointId,
    saved,
    identityId,
    jumpIdentityIds,
    forwardAgent,
    legacyAlgorithms,
  }: Host) =>
    JSON.stringify([
      label,
      targetText(target),
      endpointId,
      saved,
      identityId ?? null,
      (jumpIdentityIds ?? []).some(Boolean) ? jumpIdentityIds : [],
      forwardAgent ?? false,
      legacyAlgorithms ?? false,
    ])
  return set(one) === set(other)
}

function mergeKnownHosts(
  backup: Backup,
  here: readonly KnownHost[],
  found: Found,
  endpointIds: ReadonlyMap<string, string>,
): void {
  for (const entry of backup.knownHosts) {
    const host = ownKnownHost(entry, endpointIds)
    const known = host.line
      ? here.find(({ line, keys }) => sameJson(line, host.line) && sameJson(keys.map(blob), host.keys.map(blob)))
      : here.find(({ id, line }) => id === host.id && !line)
    const label = host.line?.hosts ?? host.id
    const missing = host.keys.filter(({ key }) => !known?.keys.some((one) => one.key === key))
    const step = { kind: 'known host' as const, label }
    if (!known) {
      const id = host.line ? newId() : host.id
      found.added.push({ ...step, write: put({ in: 'knownHosts', put: { ...host, id } }) })
    } else if (missing.length === 0) found.same++
    else if (!missing.some(({ type }) => known.keys.some((one) => one.type === type))) {
      // Further types of a host whose known keys agree.
      found.added.push({
        ...step,
        write: put({ in: 'knownHosts', put: { ...known, keys: [...known.keys, ...missing] } }),
      })
    } else {
      found.conflicts.push({
        ...step,
        id: `known host ${host.id}`,
        here: 'the key that is known here',
        there: 'another key: one of the two is old, or not of this host',
        write: put({ in: 'knownHosts', put: { ...known, keys: host.keys } }),
      })
    }
  }
}

const blob = ({ key }: { key: string }) => key
const sameJson = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

/** Loopback hosts are named with the relay behind which they are, which has another id here. */
function ownKnownHost({ id, keys, ...rest }: KnownHost, endpointIds: ReadonlyMap<string, string>): KnownHost {
  const [, name, via = ''] = /^(.*) via (.*)$/.exec(id) ?? []
  return {
    ...rest,
    id: name === undefined ? id : `${name} via ${endpointIds.get(via) ?? via}`,
    keys: keys.map(({ endpointId, ...key }) => {
      const own = endpointId === undefined ? undefined : endpointIds.get(endpointId)
      return { ...key, ...(own !== undefined && { endpointId: own }) }
    }),
  }
}

/** A key is its public half; a password its id. */
async function mergeIdentities(
  backup: Backup,
  here: readonly Identity[],
  found: Found,
  secretOf: (identity: Identity) => Promise<Uint8Array | undefined>,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for (const { secret, ...identity } of backup.identities) {
    const { kind, label, publicKey } = identity
    const known = here.find((one) => one.id === identity.id || (publicKey !== undefined && one.publicKey === publicKey))
    const opened = known?.secret.kind === 'sealed' ? await secretOf(known) : undefined
    const usable = known?.secret.kind === 'device' || opened !== undefined
    if (usable || secret.kind === 'secret') ids.set(identity.id, known?.id ?? identity.id)
    if (secret.kind === 'none') {
      if (usable) found.same++
      else found.without.push(label)
      continue
    }
    const step: Step = {
      kind,
      label,
      async write(vault) {
        const id = known?.id ?? identity.id
        const sealed = await vault.seal({ id, type: 'identity', version: secret.version }, secret.bytes)
        return { in: 'identities', put: { ...identity, ...known, id, secret: { kind: 'sealed', sealed } } }
      },
    }
    if (!usable) found.added.push(step)
    else if (kind === 'key' || (opened && sameBytes(opened, secret.bytes))) found.same++
    else {
      const [mine, theirs] = ['the password that is here', 'the password of the backup']
      found.conflicts.push({ ...step, id: `password ${identity.id}`, here: mine, there: theirs })
    }
  }
  return ids
}
