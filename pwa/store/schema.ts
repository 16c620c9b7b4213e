import * as v from 'valibot'
import { Target } from '../../shared/target.ts'

/** Counts up with every change of the stores below; `db.ts` migrates. */
export const SCHEMA_VERSION = 4

const Id = v.pipe(v.string(), v.minLength(1), v.maxLength(1200))
const moment = v.pipe(v.number(), v.finite())

const Bytes = v.custom<Uint8Array<ArrayBuffer>>((value) => value instanceof Uint8Array)

/** What the vault has encrypted; opened by `pwa/model/vault.ts` for the same item only. */
export const Sealed = v.object({
  /** The vault's id. */
  vault: Id,
  nonce: Bytes,
  data: Bytes,
  version: v.number(),
})
export type Sealed = v.InferOutput<typeof Sealed>

const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max))

/** How a passphrase becomes a key. The bounds keep a foreign record from using up the device; what is too weak is refused in `vaultKdf.ts`. */
export const Kdf = v.variant('name', [
  v.object({
    name: v.literal('argon2id'),
    salt: Bytes,
    /** KiB. */
    memory: count(1_048_576),
    passes: count(64),
    lanes: count(16),
  }),
  v.object({ name: v.literal('pbkdf2-sha256'), salt: Bytes, rounds: count(100_000_000) }),
])
export type Kdf = v.InferOutput<typeof Kdf>

const Wrapped = { nonce: Bytes, data: Bytes }

/** The one vault of this browser: its key, wrapped in as many ways as it can be opened. It holds no key in clear. */
export const VaultRecord = v.object({
  id: v.literal('vault'),
  /** The vault's own id, which all that it seals carries. */
  vault: Id,
  version: v.number(),
  createdAt: moment,
  passphrase: v.object({ kdf: Kdf, ...Wrapped }),
  /** A code on paper, with the salt of its key. */
  recovery: v.optional(v.object({ salt: Bytes, ...Wrapped })),
  passkeys: v.array(
    v.object({
      /** The credential's id, base64. */
      id: Id,
      label: v.string(),
      /** Passkeys are bound to one site, so each origin has its own. */
      rpId: v.string(),
      /** What the passkey computes its secret from. */
      input: Bytes,
      createdAt: moment,
      ...Wrapped,
    }),
  ),
  /** Wrong passphrases since the last right one, for the delay. */
  wrong: v.optional(v.object({ count: count(1_000_000), at: moment })),
})
export type VaultRecord = v.InferOutput<typeof VaultRecord>

/** A relay that this browser knows. The URL is an origin and never changes, so its token can go nowhere else. */
export const Endpoint = v.object({
  id: Id,
  label: v.string(),
  url: v.string(),
  token: v.optional(v.string()),
  /** The token, sealed in the vault: then it is not here in clear. */
  sealedToken: v.optional(Sealed),
  /** Milliseconds since 1970, as are all moments here. */
  createdAt: moment,
})
export type Endpoint = v.InferOutput<typeof Endpoint>

const Sort = v.object({
  by: v.picklist(['name', 'size', 'modified', 'accessed', 'mode', 'owner', 'group']),
  descending: v.boolean(),
})
export type Sort = v.InferOutput<typeof Sort>

/** The columns of a list of files beside the names, from the left. */
const Columns = v.pipe(
  v.array(
    v.object({
      by: v.picklist(['size', 'modified', 'accessed', 'mode', 'owner', 'group']),
      /** In ems, so that it fits the type of any device; without it as wide as is usual. */
      width: v.optional(v.pipe(v.number(), v.minValue(2), v.maxValue(40))),
    }),
  ),
  v.maxLength(6),
)
export type Columns = v.InferOutput<typeof Columns>

/** How files are had where the server has no SFTP: by its sftp-server as a command, or else by a shell's. */
const FilesBy = v.literal('exec')

/** A destination, saved by the person or merely used. */
export const Host = v.object({
  id: Id,
  label: v.string(),
  target: Target,
  endpointId: Id,
  /** False for one that is only remembered as recent. */
  saved: v.boolean(),
  createdAt: moment,
  usedAt: moment,
  sort: v.optional(Sort),
  columns: v.optional(Columns),
  /** Directories that the person keeps at hand. */
  places: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(4096))), v.maxLength(64))),
  filesOpen: v.optional(v.boolean()),
  filesBy: v.optional(FilesBy),
  /** CSS pixels. */
  filesWidth: v.optional(v.number()),
  /** The identity that logs in there; without one the person is asked. */
  identityId: v.optional(Id),
  /** The same for each hop of the jump chain, first hop first. */
  jumpIdentityIds: v.optional(v.array(v.nullable(Id))),
  /** Whether programs there may ask for signatures of this browser's keys. */
  forwardAgent: v.optional(v.boolean()),
  /** Whether SHA-1, which is broken, will do for an old device. */
  legacyAlgorithms: v.optional(v.boolean()),
})
export type Host = v.InferOutput<typeof Host>

/** A host key that is known. */
const KnownKey = v.object({
  type: v.string(),
  /** The whole public key blob, base64. */
  key: v.string(),
  addedAt: moment,
  /** How it came to be known; by the person's word where it is not said. */
  from: v.optional(v.picklist(['person', 'file', 'announced'])),
  /** The relay through which it was seen or announced. */
  endpointId: v.optional(Id),
  /**
   * Announced on a connection whose session id this browser has checked itself: good through that relay without a
   * question. Others are asked about when they are first shown.
   */
  bound: v.optional(v.boolean()),
  /** Since when the server has left it out of what it announces. */
  absentSince: v.optional(moment),
  comment: v.optional(v.string()),
})
export type KnownKey = v.InferOutput<typeof KnownKey>

/** What is known of one host and port; or a line of a `known_hosts` file that names its hosts in another way. */
export const KnownHost = v.object({
  /** See `knownHostId`; random for a line. */
  id: Id,
  keys: v.array(KnownKey),
  /** For a line: its hosts as they stand in the file, which are patterns or a hash, and what it says of their key. */
  line: v.optional(v.object({ hosts: v.string(), marker: v.optional(v.picklist(['revoked', 'cert-authority'])) })),
})
export type KnownHost = v.InferOutput<typeof KnownHost>

const PrivateKey = v.custom<CryptoKey>(
  (value) => typeof value === 'object' && value !== null && 'usages' in value && 'algorithm' in value,
)

/** What proves who the person is: a key, perhaps with a certificate, or a password. */
export const Identity = v.object({
  id: Id,
  label: v.string(),
  kind: v.picklist(['key', 'password']),
  createdAt: moment,
  usedAt: v.optional(moment),
  /** The public key blob of RFC 4253 §6.6, base64. */
  publicKey: v.optional(v.string()),
  /** As in RFC 4253 §6.6, e.g. `ssh-ed25519`. */
  keyType: v.optional(v.string()),
  comment: v.optional(v.string()),
  /** The blob of an OpenSSH user certificate for the key, base64. */
  certificate: v.optional(v.string()),
  /** For a password: whose it is. */
  username: v.optional(v.string()),
  /** Whether the person is asked before each signature. */
  consent: v.optional(v.boolean()),
  secret: v.variant('kind', [
    /** Kept by the browser, cannot be exported; RSA has one key for each hash. */
    v.object({ kind: v.literal('device'), keys: v.array(PrivateKey) }),
    /** In the vault: the PKCS#8 of a key, or a password in UTF-8. */
    v.object({ kind: v.literal('sealed'), sealed: Sealed }),
    /** A passkey of this site, which signs when the person confirms it. */
    v.object({ kind: v.literal('passkey'), credential: Bytes }),
    /** Not in this browser: the person is asked for it. */
    v.object({ kind: v.literal('ask') }),
  ]),
})
export type Identity = v.InferOutput<typeof Identity>

/** A tab, with what it takes to take up its session again. */
export const Tab = v.object({
  id: Id,
  order: v.number(),
  /** The name that the person gave it. */
  title: v.optional(v.string()),
  label: v.string(),
  hostId: v.optional(Id),
  target: Target,
  /** TERM of its sessions, where an address asked for one. */
  term: v.optional(v.string()),
  /** What the address that led here calls the target; one line, cleaned. */
  header: v.optional(v.string()),
  endpointId: Id,
  usedAt: moment,
  /** The window that showed it last, and has its session. */
  window: v.optional(v.string()),
  view: v.object({
    files: v.boolean(),
    terminal: v.boolean(),
    filesPath: v.optional(v.string()),
    filesBy: v.optional(FilesBy),
    sort: v.optional(Sort),
    columns: v.optional(Columns),
    /** CSS pixels. */
    width: v.optional(v.number()),
  }),
  session: v.optional(
    v.object({
      sessionId: v.string(),
      /** Of the relay that holds it: another epoch means that it is gone. */
      epoch: v.string(),
      /** Signs the attach; cannot be exported. Absent where the page is no secure context. */
      attachKey: v.optional(PrivateKey),
    }),
  ),
  /** How its last session ended, a whole sentence. */
  ended: v.optional(v.string()),
})
export type Tab = v.InferOutput<typeof Tab>

/** A tab that was closed while its session goes on: with it that can be taken up again. */
export const Held = v.object({
  /** The session's. */
  id: Id,
  tab: Tab,
  heldAt: moment,
  /** How it ended meanwhile, a whole sentence; then it is kept to be read. */
  ended: v.optional(v.string()),
})
export type Held = v.InferOutput<typeof Held>

/** A session that was ended while its relay was out of reach: the relay is to be told. */
export const Ending = v.object({
  /** The session's. */
  id: Id,
  endpointId: Id,
  epoch: v.string(),
  endedAt: moment,
})
export type Ending = v.InferOutput<typeof Ending>

/** What a terminal showed, and the offset in the session's output that it stands for. */
export const Screen = v.object({
  /** The tab's. */
  id: Id,
  sessionId: v.string(),
  offset: v.number(),
  cols: v.number(),
  rows: v.number(),
  /** Escape sequences that draw it. */
  data: v.string(),
  /** What it takes in memory. */
  bytes: v.optional(moment, 0),
  keptAt: v.optional(moment, 0),
})
export type Screen = v.InferOutput<typeof Screen>

/** What was typed into a session and is not known to have reached its relay. */
export const WaitingInput = v.object({
  /** The name of the page that it was typed into; see `typist` of `ssh-attach`. */
  id: Id,
  sessionId: v.string(),
  /** Of its first byte, among all input of the session. */
  offset: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** In order; those that answer a query of the program say before which output it stands. */
  pieces: v.array(v.object({ data: Bytes, answers: v.optional(v.number()) })),
  /** What the person was being asked about. */
  held: v.array(Bytes),
  keptAt: moment,
})
export type WaitingInput = v.InferOutput<typeof WaitingInput>

/** Changes to a file of a host that are not saved. */
export const Draft = v.object({
  /** Whose file it is, and its path. */
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(8192)),
  /** As it is edited. */
  text: v.pipe(v.string(), v.maxLength(8 * 1024 * 1024)),
  encoding: v.picklist(['utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be', 'windows-1252', 'latin-1']),
  lineEnd: v.picklist(['lf', 'crlf', 'cr', 'mixed']),
  /** The contents that the changes were made to; SHA-256 in hexadecimal. */
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  keptAt: moment,
})
export type Draft = v.InferOutput<typeof Draft>

/** A handle of the File System Access API, which IndexedDB keeps; it gives nothing until the person has allowed it. */
const FileHandle = v.custom<FileSystemFileHandle>(isHandle('file'))
const DirectoryHandle = v.custom<FileSystemDirectoryHandle>(isHandle('directory'))
const AnyHandle = v.custom<FileSystemFileHandle | FileSystemDirectoryHandle>(
  (value) => isHandle('file')(value) || isHandle('directory')(value),
)

function isHandle(kind: string): (value: unknown) => boolean {
  return (value) => typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind
}

/** Bytes, or a place in a file. */
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const RemotePath = v.pipe(v.string(), v.minLength(1), v.maxLength(4096))
const KeptFailure = v.object({ message: v.string(), remedy: v.string(), retry: v.boolean(), code: v.string() })

const Choice = v.picklist(['replace', 'newer', 'keep-both', 'skip', 'resume'])

/** The files that a transfer works on: of whom, where. */
const Destination = v.object({
  username: v.string(),
  host: v.string(),
  port: v.number(),
  /** What else tells places of that name apart: the way there, and whether as root. */
  by: v.string(),
})
export type Destination = v.InferOutput<typeof Destination>

/** Files on their way: of one drop, one download or one copy. What it is made of is in `TransferItems`. */
export const Transfer = v.pipe(
  v.object({
    id: Id,
    kind: v.picklist(['upload', 'download', 'copy']),
    /** What it is called: its first file, and how many more. */
    title: v.string(),
    /** What it wants: `queued` is to be done, by whichever window has it. */
    state: v.picklist(['queued', 'paused', 'needs-file', 'done', 'failed', 'cancelled']),
    createdAt: moment,
    finishedAt: v.optional(moment),
    /** The window that began it. */
    window: v.string(),
    from: v.optional(Destination),
    to: v.optional(Destination),
    /** Where uploads and copies go. */
    directory: v.optional(RemotePath),
    how: v.optional(v.picklist(['copy', 'move'])),
    /** Part of the names of its unfinished files. */
    random: v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/)),
    /** Whether all that it is made of is known and kept, and in how many chunks. */
    listed: v.boolean(),
    chunks: v.pipe(size, v.maxValue(10_000)),
    files: size,
    /** Those that were left out among them. */
    filesDone: size,
    skipped: v.optional(size, 0),
    bytes: size,
    total: size,
    /** What the person has said about all files that are there already. */
    choice: v.optional(Choice),
    /** Where a download goes; without a handle it ends with its page. */
    goal: v.optional(v.object({ kind: v.picklist(['handle', 'stream', 'zip']), handle: v.optional(AnyHandle) })),
    failure: v.optional(KeptFailure),
    /** The first of the files that failed. */
    problems: v.pipe(v.array(v.object({ path: v.string(), failure: KeptFailure })), v.maxLength(100)),
    problemCount: size,
    /** How it goes, as the window that has it said last. */
    live: v.optional(
      v.object({
        at: moment,
        state: v.picklist(['queued', 'running', 'waiting', 'asking']),
        /** Bytes a second. */
        rate: v.number(),
        current: v.optional(v.string()),
      }),
    ),
    /** Directories of this device that were given; they give their files again after a reload, by the names of the paths. */
    roots: v.optional(v.pipe(v.array(DirectoryHandle), v.maxLength(1000))),
    /** For `needs-file`: whether the browser can read the files once it is allowed to. */
    source: v.optional(v.picklist(['handles', 'person'])),
    /** Unfinished files that could not be removed from the host yet. */
    leftovers: v.optional(v.pipe(v.array(RemotePath), v.maxLength(1000))),
  }),
  v.check(({ kind, from, to, directory, goal }) => {
    if (kind === 'download') return Boolean(from && goal)
    return Boolean(to && directory && (kind === 'upload' || from))
  }, 'It does not say from where, or where to'),
)
export type Transfer = v.InferOutput<typeof Transfer>

/** One file or directory of a transfer. */
export const TransferItem = v.object({
  /** Its names below where it goes. */
  path: v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(4096))), v.minLength(1), v.maxLength(512)),
  /** A link is copied as a link, and not downloaded. */
  kind: v.picklist(['file', 'directory', 'link']),
  size,
  /** Milliseconds since 1970. */
  modifiedAt: moment,
  /** `begun`: some of it may be there. */
  state: v.picklist(['waiting', 'begun', 'done', 'skipped', 'failed']),
  /** Where it is read, on the host that it comes from. */
  from: v.optional(RemotePath),
  /** A directory that was chosen to be copied or downloaded, and is to be walked. */
  root: v.optional(v.boolean()),
  /** Its name where it goes, if that is another. */
  name: v.optional(v.string()),
  /** What the person has said about the file that is there already. */
  choice: v.optional(Choice),
  /** All bytes before this were acknowledged by the server. */
  acked: v.optional(size),
  /** How often it was begun, where it goes in one request. */
  tries: v.optional(v.pipe(size, v.maxValue(1_000_000))),
  handle: v.optional(FileHandle),
  failure: v.optional(KeptFailure),
})
export type TransferItem = v.InferOutput<typeof TransferItem>

/** A chunk of what a transfer is made of, so that one change does not write all. */
export const TransferItems = v.object({
  /** The transfer's, a space and the number of the chunk. */
  id: Id,
  items: v.pipe(v.array(TransferItem), v.maxLength(256)),
})
export type TransferItems = v.InferOutput<typeof TransferItems>

const within = (min: number, max: number, otherwise: number) =>
  v.optional(v.fallback(v.pipe(v.number(), v.minValue(min), v.maxValue(max)), otherwise), otherwise)
const either = (otherwise: boolean) => v.optional(v.fallback(v.boolean(), otherwise), otherwise)

/** One record. A field that is missing or out of bounds has its default. */
export const Settings = v.object({
  id: v.literal('settings'),
  theme: v.optional(v.fallback(v.picklist(['system', 'dark', 'light']), 'system'), 'system'),
  /** CSS pixels of the terminal's type. */
  fontSize: within(6, 40, 13.5),
  /** Lines kept above the screen. */
  scrollback: within(0, 200_000, 10_000),
  confirmMultiLinePaste: either(true),
  copyOnSelect: either(true),
  hiddenFiles: either(false),
  /** Whether what is deleted on a host goes to the trash there, where it has one. */
  trash: either(true),
  cursorBlink: either(true),
  /** How it is made sure that a file has come whole: by its size, or by its SHA-256 where the host computes it. */
  verifyTransfers: v.optional(v.fallback(v.picklist(['size', 'hash']), 'size'), 'size'),
  /** Whether long lines of files are wrapped. */
  wrapLines: either(true),
  /** Whether what is typed shows before the host's echo: where the line is slow, wherever the host echoes, or not. */
  predictEcho: v.optional(v.fallback(v.picklist(['auto', 'always', 'never']), 'auto'), 'auto'),
  /** Minutes without a key or a click after which the vault locks; 0 is never. */
  lockAfter: within(0, 1440, 15),
  /** Whether the vault locks when no window of the app is to be seen. */
  lockWhenHidden: either(false),
  /** Whether terminals and files are covered while the vault is locked. */
  coverWhenLocked: either(false),
  /** Whether the logins to relays are sealed in the vault. */
  sealTokens: either(false),
  /** When everything was last exported. */
  backedUpAt: v.fallback(v.optional(moment), undefined),
  /** Before it nobody is reminded that there is no backup. */
  remindAfter: v.fallback(v.optional(moment), undefined),
})
export type Settings = v.InferOutput<typeof Settings>
