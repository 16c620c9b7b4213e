import * as v from 'valibot'
import { Host, Identity, Kdf, KnownHost, Settings } from '../store/schema.ts'
import { Failed } from './failure.ts'
import { fromBase64, toBase64 } from './sshWire.ts'
import { deriveKey, deriveNew, type Strength, strongEnough, today } from './vaultKdf.ts'
import { decrypt, encrypt } from './vaultWrap.ts'

const VERSION = 1

/** Characters of a backup file at most. */
export const BACKUP_MAX = 32 * 1024 * 1024

const Bytes = v.custom<Uint8Array<ArrayBuffer>>((value) => value instanceof Uint8Array)
const many = <S extends v.GenericSchema>(schema: S) => v.pipe(v.array(schema), v.maxLength(20_000))

const File = v.object({
  format: v.literal('fairlead backup'),
  version: v.number(),
  kdf: Kdf,
  nonce: Bytes,
  data: Bytes,
})

const Origin = v.pipe(
  v.string(),
  v.check((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text),
)

const KeptIdentity = v.object({
  ...Identity.entries,
  /** `secret`: the PKCS#8 of a key, or a password in UTF-8. `none`: it could not be exported, or was never here. */
  secret: v.variant('kind', [
    v.object({ kind: v.literal('secret'), bytes: Bytes, version: v.number() }),
    v.object({ kind: v.literal('none') }),
  ]),
})

/** Everything that a person owns in a browser, save the logins to relays. */
export const Backup = v.object({
  createdAt: v.number(),
  hosts: many(Host),
  endpoints: many(v.object({ id: v.string(), label: v.string(), url: Origin, createdAt: v.number() })),
  knownHosts: many(KnownHost),
  identities: many(KeptIdentity),
  settings: v.optional(Settings),
})
export type Backup = v.InferOutput<typeof Backup>

const bytesOut = (_: string, value: unknown) => (value instanceof Uint8Array ? { base64: toBase64(value) } : value)

function bytesIn(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('base64' in value)) return value
  return typeof value.base64 === 'string' ? fromBase64(value.base64) : value
}

/** What the contents are bound to: the version, and how the key is made. */
function header(version: number, kdf: Kdf): Uint8Array<ArrayBuffer> {
  const { name, salt, ...cost } = kdf
  const costs = Object.entries(cost).sort(([a], [b]) => (a < b ? -1 : 1))
  return new TextEncoder().encode(JSON.stringify(['fairlead backup', version, name, toBase64(salt), costs]))
}

/** The text of a backup file, which only this passphrase opens. */
export async function writeBackup(backup: Backup, passphrase: string, strength: Strength = today): Promise<string> {
  const { kdf, key } = await deriveNew(passphrase, strength)
  const plain = new TextEncoder().encode(JSON.stringify(backup, bytesOut))
  const sealed = await encrypt(key, header(VERSION, kdf), plain)
  plain.fill(0)
  return JSON.stringify({ format: 'fairlead backup', version: VERSION, kdf, ...sealed }, bytesOut)
}

/**
 * Opens the text of a backup file. Rejects with `Failed`: `not-a-backup`, `backup-newer`, `backup-weakened` before the passphrase
 * is tried, `backup-refused` where it does not open it.
 */
export async function readBackup(text: string, passphrase: string): Promise<Backup> {
  const { version, kdf, ...sealed } = parse(File, text)
  if (version > VERSION) throw new Failed('backup-newer')
  if (!strongEnough(kdf)) throw new Failed('backup-weakened')
  const key = await deriveKey(kdf, passphrase)
  const plain = await decrypt(key, header(version, kdf), sealed).catch((cause: unknown) => {
    throw new Failed('backup-refused', cause)
  })
  const backup = parse(Backup, new TextDecoder().decode(plain))
  plain.fill(0)
  return backup
}

/** Whether a file looks like a backup, before a passphrase is asked for. Throws as `readBackup`. */
export function checkBackup(text: string): void {
  const { version, kdf } = parse(File, text)
  if (version > VERSION) throw new Failed('backup-newer')
  if (!strongEnough(kdf)) throw new Failed('backup-weakened')
}

function parse<S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> {
  if (text.length > BACKUP_MAX) throw new Failed('not-a-backup')
  try {
    return v.parse(schema, JSON.parse(text, bytesIn))
  } catch (cause) {
    throw new Failed('not-a-backup', cause)
  }
}
