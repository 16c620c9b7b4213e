import { computed, type ReadonlySignal } from '@preact/signals'
import { type Target, targetText } from '../../shared/target.ts'
import type { Store } from '../store/db.ts'
import type { Host } from '../store/schema.ts'
import type { Endpoints } from './endpoints.ts'
import { newId } from './id.ts'

/** How many hosts that were used but not saved are remembered. */
const RECENT = 20

/** The SSH host inside a relay, ready without being saved. */
export interface BuiltInHost {
  endpointId: string
  relayLabel: string
  target: Target
  label: string
  /** Why it gives no shell; its files can be had. */
  shellMissing: string | undefined
}

/** The destinations that this browser knows. */
export class Hosts {
  readonly #store: Store
  /** In the order of their labels. */
  readonly saved: ReadonlySignal<readonly Host[]>
  /** Used but not saved, newest first. */
  readonly recent: ReadonlySignal<readonly Host[]>
  /** One for each relay that is online and has one. */
  readonly builtIn: ReadonlySignal<readonly BuiltInHost[]>

  constructor(store: Store, endpoints: Endpoints) {
    this.#store = store
    this.saved = computed(() =>
      store.hosts.items.value.filter((host) => host.saved).sort((a, b) => a.label.localeCompare(b.label)),
    )
    this.recent = computed(() =>
      store.hosts.items.value.filter((host) => !host.saved).sort((a, b) => b.usedAt - a.usedAt),
    )
    this.builtIn = computed(() => endpoints.list.value.flatMap((view) => builtInHost(view) ?? []))
  }

  get(id: string | undefined): Host | undefined {
    return id === undefined ? undefined : this.#store.hosts.get(id)
  }

  /** The host that a target is through a relay. */
  find(target: Target, endpointId: string): Host | undefined {
    const text = targetText(target)
    return this.#store.hosts.items
      .peek()
      .find((host) => host.endpointId === endpointId && targetText(host.target) === text)
  }

  /** Saves a remembered host by id, or a target; a target that is there already through the same relay is that one. */
  async save(what: string | { target: Target; endpointId: string; label?: string }): Promise<Host | undefined> {
    if (typeof what === 'string') {
      await this.edit(what, (old) => ({ ...old, saved: true }))
      return this.get(what)
    }
    const host = await this.used(what.target, what.endpointId)
    await this.edit(host.id, (old) => ({ ...old, saved: true, label: what.label?.trim() || old.label }))
    return this.get(host.id)
  }

  edit(id: string, change: (old: Host) => Host): Promise<void> {
    return this.#store.hosts.update(id, change)
  }

  forget(id: string): Promise<void> {
    return this.#store.hosts.remove(id)
  }

  /** Remembers that a target was used through a relay; the oldest that is not saved makes room. */
  async used(target: Target, endpointId: string): Promise<Host> {
    const now = Date.now()
    const known = this.find(target, endpointId)
    if (known) {
      await this.edit(known.id, (old) => ({ ...old, usedAt: now }))
      return { ...known, usedAt: now }
    }
    const host: Host = {
      id: newId(),
      label: targetText(target),
      target,
      endpointId,
      saved: false,
      createdAt: now,
      usedAt: now,
    }
    await this.#store.hosts.put(host)
    for (const old of this.recent.peek().slice(RECENT)) await this.forget(old.id)
    return host
  }
}

function builtInHost({ id, label, link }: Endpoints['list']['value'][number]): BuiltInHost | undefined {
  const host = link.hello.value?.builtInHost
  if (!host) return undefined
  return {
    endpointId: id,
    relayLabel: label,
    target: { scheme: 'ssh', host: host.host, port: host.port, username: host.username, jump: [] },
    label: 'This machine',
    shellMissing: host.shellMissing,
  }
}
