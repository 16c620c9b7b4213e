import * as v from 'valibot'
import { Target } from '../../shared/target.ts'

/** Counts up with every change of the stores below; `db.ts` migrates. */
export const SCHEMA_VERSION = 2

const Id = v.pipe(v.string(), v.minLength(1), v.maxLength(1200))
const moment = v.pipe(v.number(), v.finite())

/** A relay that this browser knows. The URL is an origin and never changes, so its token can go nowhere else. */
export const Endpoint = v.object({
  id: Id,
  label: v.string(),
  url: v.string(),
  token: v.optional(v.string()),
  /** Milliseconds since 1970, as are all moments here. */
  createdAt: moment,
})
export type Endpoint = v.InferOutput<typeof Endpoint>

const Sort = v.object({
  by: v.picklist(['name', 'size', 'modified', 'mode', 'owner']),
  descending: v.boolean(),
})
export type Sort = v.InferOutput<typeof Sort>

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
  filesOpen: v.optional(v.boolean()),
  /** CSS pixels. */
  filesWidth: v.optional(v.number()),
})
export type Host = v.InferOutput<typeof Host>

/** The host keys that the person accepted for one host and port. */
export const KnownHost = v.object({
  /** See `knownHostId`. */
  id: Id,
  keys: v.array(
    v.object({
      type: v.string(),
      /** The whole public key blob, base64. */
      key: v.string(),
      addedAt: moment,
    }),
  ),
})
export type KnownHost = v.InferOutput<typeof KnownHost>

const PrivateKey = v.custom<CryptoKey>(
  (value) => typeof value === 'object' && value !== null && 'usages' in value && 'algorithm' in value,
)

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
    sort: v.optional(Sort),
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
})
export type Tab = v.InferOutput<typeof Tab>

/** A tab that was closed while its session goes on: with it that can be taken up again. */
export const Held = v.object({
  /** The session's. */
  id: Id,
  tab: Tab,
  heldAt: moment,
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
  keptAt: v.optional(moment, 0),
})
export type Screen = v.InferOutput<typeof Screen>

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
  cursorBlink: either(true),
  /** Whether what is typed shows before the host's echo: where the line is slow, wherever the host echoes, or not. */
  predictEcho: v.optional(v.fallback(v.picklist(['auto', 'always', 'never']), 'auto'), 'auto'),
})
export type Settings = v.InferOutput<typeof Settings>
