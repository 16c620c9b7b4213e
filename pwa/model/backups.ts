import { computed, type ReadonlySignal } from '@preact/signals'
import type { Store } from '../store/db.ts'
import type { Identity, Sealed } from '../store/schema.ts'
import type { Backup } from './backup.ts'
import type { BackupMerge } from './backupMerge.ts'
import { Failed } from './failure.ts'
import type { Preferences } from './settings.ts'
import { PASSPHRASE_MIN, type Vault } from './vault.ts'
import { type Strength, today } from './vaultKdf.ts'

const day = 86_400_000

/** After so many milliseconds a backup is old, and a reminder that was put off comes again. */
const old = { backup: 90 * day, reminder: 30 * day }

/** Copies of everything that a person owns here, as one file that a passphrase of its own opens. Rejects with `Failed` or `StoreFailure`. */
export class Backups {
  readonly #store: Store
  readonly #vault: Vault
  readonly #settings: Preferences
  readonly #strength: Strength
  /** Whether there is something to lose and no backup of late. */
  readonly due: ReadonlySignal<boolean>
  /** Whether this browser holds nothing yet that a person has saved: a new one, or one whose data was cleared. */
  readonly nothingHere: ReadonlySignal<boolean>
  /** Keys that are bound to this browser, which no backup can hold. */
  readonly bound: ReadonlySignal<readonly Identity[]>

  constructor(store: Store, vault: Vault, settings: Preferences, strength = today) {
    this.#store = store
    this.#vault = vault
    this.#settings = settings
    this.#strength = strength
    this.bound = computed(() =>
      store.identities.items.value.filter(({ secret }) => secret.kind === 'device' || secret.kind === 'passkey'),
    )
    this.nothingHere = computed(() =>
      [store.hosts, store.knownHosts, store.identities, store.vaults].every(({ items }) => items.value.length === 0),
    )
    this.due = computed(() => {
      const { backedUpAt = 0, remindAfter = 0 } = settings.value.value
      const now = Date.now()
      const sealed = store.identities.items.value.some(({ secret }) => secret.kind === 'sealed')
      const much = store.hosts.items.value.filter(({ saved }) => saved).length >= 5
      return (sealed || much) && now - backedUpAt > old.backup && now > remindAfter
    })
  }

  /** The text of a new backup. A locked vault asks the person first, if anything is sealed in it. */
  async write(passphrase: string): Promise<string> {
    if ([...passphrase].length < PASSPHRASE_MIN) throw new Failed('weak-passphrase')
    const { hosts, endpoints, knownHosts, identities, settings } = this.#store
    const backup: Backup = {
      createdAt: Date.now(),
      hosts: [...hosts.items.peek()],
      endpoints: endpoints.items.peek().map(({ id, label, url, createdAt }) => ({ id, label, url, createdAt })),
      knownHosts: [...knownHosts.items.peek()],
      identities: await Promise.all(identities.items.peek().map((identity) => this.#copy(identity))),
      settings: settings.get('settings'),
    }
    const { writeBackup } = await import('./backup.ts')
    const text = await writeBackup(backup, passphrase, this.#strength)
    for (const { secret } of backup.identities) if (secret.kind === 'secret') secret.bytes.fill(0)
    return text
  }

  /** A backup has been saved somewhere. */
  saved(): Promise<void> {
    return this.#settings.set({ backedUpAt: Date.now() })
  }

  /** The person is not to be reminded for a while. */
  putOff(): Promise<void> {
    return this.#settings.set({ remindAfter: Date.now() + old.reminder })
  }

  /** What taking in the text of a backup file would do. */
  async read(text: string, passphrase: string): Promise<BackupMerge> {
    const [{ readBackup }, { mergeOf }] = await Promise.all([import('./backup.ts'), import('./backupMerge.ts')])
    return mergeOf(await readBackup(text, passphrase), this.#store, (identity) => this.#secret(identity))
  }

  /** Writes it; resolves with how many records were. @param taken ids of conflicts that go the backup's way */
  async apply(
    merge: BackupMerge,
    taken: ReadonlySet<string>,
    wanted: { settings: boolean; secrets: boolean },
  ): Promise<number> {
    const { applyMerge } = await import('./backupMerge.ts')
    return applyMerge(merge, taken, wanted, this.#store, this.#vault)
  }

  async #copy({ secret, ...identity }: Identity): Promise<Backup['identities'][number]> {
    if (secret.kind !== 'sealed') return { ...identity, secret: { kind: 'none' } }
    try {
      const bytes = await this.#open(identity.id, secret.sealed)
      return { ...identity, secret: { kind: 'secret', bytes, version: secret.sealed.version } }
    } catch (error) {
      // One that is damaged does not keep the others from being saved.
      if (error instanceof Failed && error.failure.code === 'vault-damaged')
        return { ...identity, secret: { kind: 'none' } }
      throw error
    }
  }

  async #secret({ id, secret }: Identity): Promise<Uint8Array | undefined> {
    if (secret.kind !== 'sealed') return undefined
    try {
      return await this.#open(id, secret.sealed)
    } catch (error) {
      if (error instanceof Failed && /^(vault-damaged|no-vault)$/.test(error.failure.code)) return undefined
      throw error
    }
  }

  #open(id: string, sealed: Sealed): Promise<Uint8Array<ArrayBuffer>> {
    return this.#vault.open({ id, type: 'identity', version: sealed.version }, sealed)
  }
}
