import * as v from 'valibot'
import { bounds } from '../../shared/protocol.ts'

const dimension = v.pipe(v.number(), v.finite(), v.minValue(1))
const size = { cols: dimension, rows: dimension }
const path = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(4096),
  v.check((text) => !text.includes('\0')),
)
const secret = v.pipe(v.string(), v.maxLength(4096))
const transferId = v.pipe(v.string(), v.maxLength(128))
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Bytes of one part of a file, in both directions. */
export const CHUNK = 48 * 1024

/** Milliseconds that a client may let a command of `exec` run, at most; without a word of its own there is no bound. */
const TIMEOUT_MAX_MS = 24 * 60 * 60 * 1000

const port = v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,5}$/), v.transform(Number))])
const Login = v.object({
  host: v.nullish(v.string()),
  port: v.nullish(port),
  username: v.string(),
  password: v.nullish(v.string()),
  privateKey: v.nullish(v.string()),
  passphrase: v.nullish(v.string()),
  term: v.nullish(v.string()),
  cols: v.fallback(v.optional(dimension), undefined),
  rows: v.fallback(v.optional(dimension), undefined),
  forwardAllKeyboardInteractivePrompts: v.fallback(v.optional(v.boolean(), false), false),
})

/** What a client of WebSSH2 sends, by event. Keys that are not named here are ignored, as its server does. */
export const webssh2Events = {
  /** Bounds of host, user and secrets are those of `ssh-connect`, which this becomes. */
  authenticate: v.union([
    Login,
    // How former clients answer the form that an `authentication` with prompts is.
    v.pipe(
      v.object({ responses: v.pipe(v.array(secret), v.minLength(2), v.maxLength(bounds.prompts)) }),
      v.transform(({ responses: [username, password] }) => v.parse(Login, { username, password })),
    ),
  ]),
  terminal: v.object({
    cols: v.fallback(v.optional(dimension), undefined),
    rows: v.fallback(v.optional(dimension), undefined),
    term: v.nullish(v.string()),
  }),
  data: v.pipe(v.string(), v.maxLength(bounds.data)),
  resize: v.object(size),
  control: v.picklist(['replayCredentials', 'reauth']),
  /** Bounds of the command and its environment are those of `ssh-connect`. */
  exec: v.object({
    command: v.pipe(v.string(), v.minLength(1), v.maxLength(65_536)),
    pty: v.nullish(v.boolean()),
    term: v.nullish(v.string()),
    cols: v.nullish(dimension),
    rows: v.nullish(dimension),
    env: v.nullish(v.record(v.string(), v.string())),
    timeoutMs: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(TIMEOUT_MAX_MS))),
  }),
  'prompt-response': v.object({
    id: v.pipe(v.string(), v.maxLength(128)),
    action: v.pipe(v.string(), v.maxLength(64)),
    inputs: v.nullish(v.record(v.string(), v.pipe(v.string(), v.maxLength(4096)))),
  }),
  'hostkey:verify-response': v.object({ action: v.picklist(['accept', 'trusted', 'reject']) }),
  'sftp-list': v.object({ path, showHidden: v.optional(v.boolean(), false) }),
  'sftp-stat': v.object({ path }),
  'sftp-mkdir': v.object({ path, mode: v.optional(v.pipe(count, v.maxValue(0o7777))) }),
  'sftp-delete': v.object({ path, recursive: v.optional(v.boolean(), false) }),
  'sftp-upload-start': v.object({
    remotePath: path,
    fileName: v.pipe(v.string(), v.maxLength(4096)),
    fileSize: count,
    overwrite: v.optional(v.boolean(), false),
  }),
  'sftp-upload-chunk': v.object({
    transferId,
    chunkIndex: count,
    data: v.pipe(v.string(), v.maxLength(bounds.frame)),
    isLast: v.optional(v.boolean(), false),
  }),
  'sftp-upload-cancel': v.object({ transferId }),
  'sftp-download-start': v.object({ remotePath: path }),
  'sftp-download-cancel': v.object({ transferId }),
} as const

type Events = typeof webssh2Events
export type Webssh2Event = keyof Events
/** What an event brings, after validation. */
export type Webssh2Message<E extends Webssh2Event> = v.InferOutput<Events[E]>
