import * as v from 'valibot'
import { Failure, phases } from './failure.ts'
import { FileInfo } from './fileInfo.ts'
import { isNameText } from './fileName.ts'

/** Counts up when a client of the former number would no longer be served. */
export const PROTOCOL_VERSION = 1

/** Bounds that both sides keep; beyond them a payload is refused as `bad-request`. */
export const bounds = {
  /** Bytes of one Socket.IO message. */
  frame: 1024 * 1024,
  /** UTF-16 units of one `ssh-screen`. */
  screen: 256 * 1024,
  /** Bytes, or UTF-16 units of a string, of one `ssh-data`. */
  data: 512 * 1024,
  /** Columns and rows are cut to 1…this. */
  dimension: 500,
  /** Entries of one page of `sftp-list`. */
  page: 1000,
  /** Entries of one whole listing; what is beyond is counted as `more`. */
  listing: 200_000,
  /** Hops of a jump chain. */
  jump: 8,
  /** Milliseconds that a one-time key of a session is good for. */
  onceMs: 60 * 60 * 1000,
  /** Prompts of one keyboard-interactive round. */
  prompts: 16,
  /** Keys that are offered for one hop. */
  identities: 8,
  /** Bytes that are signed at once, for a login or for a forwarded agent. */
  signed: 64 * 1024,
  /** Names of host key algorithms that are asked for. */
  hostKeyAlgorithms: 16,
  /** Host keys of one announcement that are passed on. */
  hostKeys: 16,
  /** Bytes of the entries of one whole listing, as the relay counts them. */
  listingBytes: 64 * 1024 * 1024,
  /** Bytes of file in one `sftp-read`, `sftp-write`, `sftp-put` and `sftp-get`; a session's own limits may be lower. */
  fileData: 255 * 1024,
  /** Bytes of one `sftp-copy`. */
  copy: 64 * 1024 * 1024,
  /** Bytes that it has on its way. */
  copyAhead: 2 * 1024 * 1024,
  /** File requests of one session on their way at once, and bytes of file in them. */
  fileRequests: 64,
  fileBytes: 8 * 1024 * 1024,
  /** Offers of one session that wait to be fetched. */
  offers: 16,
} as const

const wellFormed = v.check((text: string) => !/\p{Surrogate}/u.test(text) && !text.includes('\0'))
const text = (max: number) => v.pipe(v.string(), v.maxLength(max), wellFormed)
const line = (max: number) => v.pipe(text(max), v.minLength(1), v.regex(/^[^\r\n]*$/))
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Bytes as they arrive: a Buffer in Node, an ArrayBuffer in browsers; always a Uint8Array afterwards. */
const bytes = (max: number) =>
  v.pipe(
    v.custom<Uint8Array | ArrayBuffer>((value) => value instanceof Uint8Array || value instanceof ArrayBuffer),
    v.transform((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value)),
    v.check((value) => value.byteLength <= max),
  )

/** Bytes of output that may be on their way unacknowledged. */
const window = v.pipe(v.number(), v.integer(), v.minValue(16 * 1024), v.maxValue(2 * 1024 * 1024))
const dimension = v.pipe(
  v.number(),
  v.finite(),
  v.transform((value) => Math.min(bounds.dimension, Math.max(1, Math.trunc(value)))),
)

const SessionId = line(128)
/** Bytes that are no UTF-8 are lone surrogates; see `fileName.ts`. */
const Path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096), v.check(isNameText))
/** A name that a file may have in the browser's system: one component, which no control and no mark of direction disguises. */
const LocalName = v.pipe(
  text(255),
  v.minLength(1),
  v.regex(/^[^/\\\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+$/u),
)
const Secret = v.optional(text(4096))

/** Characters of the base64 of so many bytes. */
const base64Length = (bytesOf: number) => Math.ceil(bytesOf / 3) * 4
/** Bytes as base64 with its padding; what is no base64 is refused where it is read. */
const base64 = (maxBytes: number) =>
  v.pipe(v.string(), v.maxLength(base64Length(maxBytes)), v.regex(/^[A-Za-z0-9+/]*={0,2}$/))

/** A key that the browser signs with, as it is offered to a relay: the public half only. */
export const OfferedKey = v.strictObject({
  /** The blob of RFC 4253 §6.6. */
  publicKey: base64(8192),
  /** The blob of an OpenSSH user certificate for it. */
  certificate: v.optional(base64(32 * 1024)),
  /** The signature algorithms that the browser can make with it, best first, e.g. `rsa-sha2-512`. */
  algorithms: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[\w@.-]{1,64}$/))), v.minLength(1), v.maxLength(4)),
})
export type OfferedKey = v.InferOutput<typeof OfferedKey>

/** What a key exchange was made of (RFC 4253 §8, RFC 4419, RFC 5656), without the host key: the browser knows that. */
export const Exchange = v.object({
  /** Identification lines without line ends, one character for each byte. */
  clientVersion: v.pipe(v.string(), v.maxLength(8192)),
  serverVersion: v.pipe(v.string(), v.maxLength(8192)),
  /** Whole `SSH_MSG_KEXINIT` payloads. */
  clientKexInit: base64(bounds.signed),
  serverKexInit: base64(bounds.signed),
  /** The public values as they went over the wire, and K as mpint without its length. */
  clientPublic: base64(4096),
  serverPublic: base64(4096),
  sharedSecret: base64(4096),
  /** Of a group exchange: what was asked for, in bits, and what was given. */
  group: v.optional(v.object({ min: count, bits: count, max: count, prime: base64(4096), generator: base64(4096) })),
  /** The host's signature over the exchange hash, a whole blob. */
  hostSignature: base64(8192),
})
export type Exchange = v.InferOutput<typeof Exchange>

const destination = {
  host: line(1024),
  port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)), 22),
  username: line(256),
  password: Secret,
  /** OpenSSH, PEM or PuTTY v2, at most 64 KiB. */
  privateKey: v.optional(text(65_536)),
  passphrase: Secret,
  /** Keys that the browser signs with, in the order to be tried; see the prompt `sign`. */
  identities: v.optional(v.pipe(v.array(OfferedKey), v.maxLength(bounds.identities))),
  /**
   * Takes what old servers have as a last resort: SHA-1 in `ssh-rsa` signatures, in group 14 and in HMAC. Never group 1, DSA,
   * CBC, RC4, MD5 or compression.
   */
  legacyAlgorithms: v.optional(v.boolean()),
  /** The host key algorithms to agree to (RFC 4253 §6.6), in this order and no others; names that the relay does not offer do not count. */
  hostKeyAlgorithms: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.regex(/^[\w@.-]{1,64}$/))), v.maxLength(bounds.hostKeyAlgorithms)),
  ),
}

const connecting = {
  sessionId: SessionId,
  ...destination,
  /** Hosts to go through, first hop first; each may be asked for its own host key and login. */
  jump: v.optional(v.pipe(v.array(v.object(destination)), v.maxLength(bounds.jump)), []),
  /** This client answers `ssh-prompt`. Without it a new host key is kept by the relay and a changed one refused. */
  interactive: v.optional(v.boolean(), false),
}

const Hop = v.object({ host: v.string(), port: v.number() })

/** A question to the person or to what the browser knows; the answer is `ssh-answer` with the same `promptId`. */
export const Prompt = v.variant('kind', [
  v.object({
    kind: v.literal('host-key'),
    ...Hop.entries,
    /** Key type as in RFC 4253 §6.6, e.g. `ssh-ed25519`. */
    type: v.string(),
    /** The whole public key blob, base64. */
    key: v.string(),
    /** `SHA256:` and unpadded base64, as OpenSSH prints it. */
    fingerprint: v.string(),
  }),
  v.object({
    kind: v.literal('login'),
    ...Hop.entries,
    username: v.string(),
    /** What the server still takes (RFC 4252 §5.1). An answer without password and key goes on by keyboard-interactive. */
    methods: v.array(v.picklist(['password', 'publickey', 'keyboard-interactive'])),
    /** How often an answer to this question has been refused on this connection. */
    refused: v.number(),
    /** Why the last answer did not do, a whole sentence. */
    problem: v.optional(v.string()),
  }),
  v.object({
    kind: v.literal('keyboard-interactive'),
    ...Hop.entries,
    username: v.string(),
    name: v.string(),
    instructions: v.string(),
    prompts: v.array(v.object({ text: v.string(), echo: v.boolean() })),
  }),
  v.object({
    kind: v.literal('password-change'),
    ...Hop.entries,
    username: v.string(),
    message: v.string(),
  }),
  v.object({
    kind: v.literal('sign'),
    ...Hop.entries,
    username: v.string(),
    /** Which part of the way it is: 0 for the first hop. */
    hop: count,
    /** The signature algorithm, one of those offered with the key; for a certificate its key's. */
    algorithm: v.pipe(v.string(), v.maxLength(64)),
    /** The key as it was offered to the server: the blob of the certificate where there is one. */
    publicKey: base64(32 * 1024),
    /** Session id and `SSH_MSG_USERAUTH_REQUEST`: what RFC 4252 §7 has signed. */
    data: base64(bounds.signed),
    /** What the session id was made of: a browser signs only where its own known host key gives the same. */
    exchange: Exchange,
  }),
  v.object({
    kind: v.literal('agent-sign'),
    ...Hop.entries,
    username: v.string(),
    /** The key, or its certificate, that a program on the host wants a signature of. */
    publicKey: base64(32 * 1024),
    data: base64(bounds.signed),
    /** As the agent protocol has them: `SSH_AGENT_RSA_SHA2_256` is 2, `SSH_AGENT_RSA_SHA2_512` is 4. */
    flags: count,
  }),
])
export type Prompt = v.InferOutput<typeof Prompt>

/** What may be said to a prompt, by kind; `cancel` ends the attempt, and of `agent-sign` only refuses that one signature. */
export const Answer = v.variant('kind', [
  v.strictObject({ kind: v.literal('host-key'), accept: v.literal(true) }),
  v.strictObject({
    kind: v.literal('login'),
    password: Secret,
    privateKey: v.optional(text(65_536)),
    passphrase: Secret,
    /** A key that the browser signs with. */
    identity: v.optional(OfferedKey),
  }),
  v.strictObject({
    kind: v.literal('keyboard-interactive'),
    responses: v.pipe(v.array(text(4096)), v.maxLength(bounds.prompts)),
  }),
  v.strictObject({ kind: v.literal('password-change'), newPassword: text(4096) }),
  /** A whole signature blob: algorithm and signature, each a string (RFC 4253 §6.6). */
  v.strictObject({ kind: v.literal('sign'), signature: base64(8192) }),
  v.strictObject({ kind: v.literal('agent-sign'), signature: base64(8192) }),
  v.strictObject({ kind: v.literal('cancel') }),
])
export type Answer = v.InferOutput<typeof Answer>

const Step = v.object({
  phase: v.picklist(phases),
  /** What was found, e.g. the address dialled or the algorithms agreed on. */
  found: v.string(),
  /** Milliseconds that this step took. */
  ms: v.number(),
})
/** A part of the way that was passed before a connect failed. */
export type Step = v.InferOutput<typeof Step>

/** How a session ended. */
const Ended = v.object({
  /** Exit status of the shell or command (RFC 4254 §6.10). */
  exitCode: v.optional(v.number()),
  /** Signal name without SIG, e.g. `TERM`. */
  signal: v.optional(v.string()),
  /**
   * `exit`: the program ended; `closed`: asked for by this login; `failure`: a failure says why; `expired`: nobody came back
   * in time; `evicted`: the relay needed the memory, and it was the one that nobody had come back to for longest.
   */
  reason: v.picklist(['exit', 'closed', 'failure', 'expired', 'evicted', 'draining']),
})

const SessionFailure = v.object({
  ...Failure.entries,
  sessionId: v.optional(v.string()),
  /** For `ssh-connect` and `sftp-connect`: the steps that succeeded. */
  steps: v.optional(v.array(Step)),
  /** For an `ssh-attach` that comes too late by one who might have had the session: how that ended. */
  ended: v.optional(v.object({ ...Ended.entries, failure: v.optional(Failure) })),
})
/** How a session ended that somebody comes back to; `failure` stands with that reason. */
export type Ended = NonNullable<SessionFailure['ended']>
export type SessionFailure = v.InferOutput<typeof SessionFailure>

const u32 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff))
const mode = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0o177777))

/** What the server says of a file; `mode` with its type bits, times in seconds since 1970. What it does not say is absent. */
export const Attributes = v.object({
  size: v.optional(v.number()),
  mode: v.optional(v.number()),
  uid: v.optional(v.number()),
  gid: v.optional(v.number()),
  atime: v.optional(v.number()),
  mtime: v.optional(v.number()),
})
export type Attributes = v.InferOutput<typeof Attributes>

/** What is to be changed of a file; SFTP sets `uid` and `gid` only together, and so `atime` and `mtime`. */
const Changes = v.pipe(
  v.strictObject({
    size: v.optional(count),
    mode: v.optional(mode),
    uid: v.optional(u32),
    gid: v.optional(u32),
    atime: v.optional(u32),
    mtime: v.optional(u32),
  }),
  v.check(
    ({ uid, gid, atime, mtime }) =>
      (uid === undefined) === (gid === undefined) && (atime === undefined) === (mtime === undefined),
  ),
)

/** Names an open file of the session; it is good as long as the session is. */
const handle = u32
const fileData = bytes(bounds.fileData)
const Found = v.object({ attributes: Attributes })
const Done = v.object({})

/** How an SFTP conversation is had: by the subsystem, by running the server as a command, or that as root. */
const By = v.picklist(['subsystem', 'exec', 'sudo'])

const SessionOnly = v.object({ sessionId: v.string() })
const Connected = v.object({
  ...SessionOnly.entries,
  /** True where it shares the connection of another session. */
  shared: v.optional(v.boolean()),
})

/** A session as the relay lists it: where it goes and how it stands, without a secret. */
const ListedSession = v.object({
  sessionId: v.string(),
  ...Hop.entries,
  username: v.string(),
  /** The hosts that it goes through, first hop first. */
  jump: v.array(v.object({ ...Hop.entries, username: v.string() })),
  /** What runs instead of a shell; cut to 1,024 UTF-16 units, then it ends in `…` and is not whole. */
  command: v.optional(v.string()),
  commandCut: v.optional(v.boolean()),
  state: v.picklist(['connecting', 'prompting', 'open', 'detached', 'closed']),
  /** Which socket has it: the one that asks, another, or none. */
  attached: v.picklist(['here', 'elsewhere', 'nobody']),
  /** Whether it was made to be taken up by a key. */
  resumable: v.boolean(),
  /** Milliseconds since it was opened, and since its last output; durations, since clocks differ. */
  ageMs: v.number(),
  quietMs: v.number(),
  /** Bytes of output so far. */
  bytes: v.number(),
})
export type ListedSession = v.InferOutput<typeof ListedSession>

/** What the relay sends. Clients drop, and report, what does not fit. */
export const serverEvents = {
  'relay-hello': {
    doc: 'First event after the handshake: who the relay is and what it can do.',
    payload: v.object({
      protocol: v.number(),
      version: v.string(),
      /** Random for each start of the relay; sessions of another epoch are gone. */
      epoch: v.string(),
      /** Random for each socket; part of what `ssh-attach` signs. */
      nonce: v.string(),
      features: v.array(v.string()),
      limits: v.object({
        frame: v.number(),
        data: v.number(),
        window: v.number(),
        log: v.number(),
        graceMs: v.number(),
      }),
      /** The SSH host that runs inside the relay, if it does. `hostKey` is the base64 blob; no credentials are needed. */
      builtInHost: v.optional(
        v.object({
          host: v.string(),
          port: v.number(),
          username: v.string(),
          hostKey: v.string(),
          /** Absent where a shell can be had. */
          shellMissing: v.optional(v.string()),
        }),
      ),
    }),
  },
  'relay-draining': {
    doc: 'The relay shuts down; sessions that are open end by the deadline.',
    payload: v.object({ deadlineMs: v.number() }),
  },
  'ssh-connected': { doc: 'The shell or command runs.', payload: Connected },
  'ssh-data': {
    doc: 'Output. With an offset in bytes where `binary` was asked for: bytes, or for short ASCII a string, which is faster. Else a string that never splits a character.',
    payload: v.object({
      sessionId: v.string(),
      data: v.union([v.string(), bytes(Number.MAX_SAFE_INTEGER)]),
      offset: v.optional(v.number()),
      /** Standard error, of a command without a terminal; offsets count through both. */
      stderr: v.optional(v.literal(true)),
    }),
  },
  'ssh-ack': {
    doc: 'Input up to this offset has been handed to the server; a resumed session sends from there.',
    payload: v.object({ sessionId: v.string(), offset: v.number() }),
  },
  'ssh-error': { doc: 'A request failed, or the session ended by a failure.', payload: SessionFailure },
  'ssh-attached': {
    doc: 'This socket has the session now; output goes on from `offset`.',
    payload: v.object({
      sessionId: v.string(),
      state: v.picklist(['connecting', 'prompting', 'open']),
      offset: v.number(),
      inputOffset: v.number(),
      /** Replies to queries in output before this offset have been had: they are not to be given again. */
      answeredTo: v.number(),
      /** The relay has everything of what the `typist` of the attach typed before this offset; absent if it typed nothing. */
      ownInput: v.optional(v.number()),
      /** Bytes between the offset asked for and `offset` that are no longer kept. */
      missing: v.number(),
      /** Where some are missing: what they have left on the screen, to be drawn on a terminal of this size that was reset. */
      screen: v.optional(v.object({ data: v.string(), cols: v.number(), rows: v.number() })),
    }),
  },
  'ssh-detached': {
    doc: 'This socket does not have the session any more: another has taken it, or it was let go.',
    payload: SessionOnly,
  },
  'ssh-authorised': { doc: 'The key may take the session up from now on.', payload: SessionOnly },
  'ssh-locked': {
    doc: 'Somebody has tried one wrong signature after the other: for so long nobody can attach to the session.',
    payload: v.object({ sessionId: v.string(), ms: v.number() }),
  },
  'session-list-result': {
    doc: 'The shells and commands of this principal, whoever is attached to them, the youngest last.',
    payload: v.object({ sessions: v.array(ListedSession) }),
  },
  'ssh-disconnected': {
    doc: 'The session is over and its id is free.',
    payload: v.object({ sessionId: v.string(), ...Ended.entries }),
  },
  'ssh-banner': {
    doc: 'What the server says before login (RFC 4252 §5.4); at most 64 KiB.',
    payload: v.object({ sessionId: v.string(), ...Hop.entries, text: v.string() }),
  },
  'ssh-prompt': {
    doc: 'A question about the connect of a session, shell or SFTP. Sent again when another socket attaches.',
    payload: v.object({ sessionId: v.string(), promptId: v.string(), expiresInMs: v.number(), prompt: Prompt }),
  },
  'ssh-host-keys': {
    doc: 'The host keys that a server on the way of a session has announced after the login (`hostkeys-00@openssh.com`), each with the proof that the server gave. At most 16, once a connection.',
    payload: v.object({
      sessionId: v.string(),
      ...Hop.entries,
      /** Which part of the way it is: 0 for the first hop. */
      hop: count,
      /** The session id of the SSH transport (RFC 4253 §7.2). */
      sshSessionId: base64(64),
      keys: v.pipe(
        v.array(
          v.object({
            /** The whole public key blob. */
            key: base64(8192),
            /** The server's signature for `hostkeys-prove-00@openssh.com`, a whole blob; absent where it gave none. */
            proof: v.optional(base64(8192)),
          }),
        ),
        v.maxLength(bounds.hostKeys),
      ),
    }),
  },
  'sftp-connected': {
    doc: 'The SFTP conversation is open.',
    payload: v.object({
      ...Connected.entries,
      /** The directory in which it begins. */
      home: v.optional(v.string()),
      /** Names of what the server can do beyond SFTP 3, e.g. `posix-rename@openssh.com`. */
      extensions: v.optional(v.array(v.string())),
      /** Bytes of one `sftp-read` and one `sftp-write`; open files. */
      limits: v.optional(v.object({ read: v.number(), write: v.number(), handles: v.number() })),
      /** How it is had in the end; `shell` where the host has no SFTP server, and its shell stands in. */
      by: v.optional(v.picklist([...By.options, 'shell'])),
    }),
  },
  'sftp-list-result': {
    doc: 'A directory, whole or one page of it. `path` is absolute.',
    payload: v.object({
      sessionId: v.string(),
      path: v.string(),
      files: v.array(FileInfo),
      /** Present where more follows: ask again with it. */
      cursor: v.optional(v.string()),
      /** True where a listing hit its bound: there is more that cannot be asked for. */
      more: v.optional(v.boolean()),
      /** Entries that were left out, since no file can be called so: with a slash or NUL, or beyond every length. */
      dropped: v.optional(v.number()),
    }),
  },
  'sftp-error': {
    doc: 'An SFTP request failed, or the SFTP conversation ended by a failure.',
    payload: SessionFailure,
  },
  'sftp-disconnected': { doc: 'The SFTP conversation is over and its id is free.', payload: SessionOnly },
} as const

/** What a terminal calls itself (TERM). */
export const Term = v.pipe(v.string(), v.regex(/^[\w.+-]{1,64}$/))

const Empty = v.strictObject({})

/** How the files of a host are had. */
const serving = {
  by: v.optional(By),
  /** For `by: 'sudo'`; it is used once and kept nowhere. */
  sudoPassword: Secret,
}

/** An SFTP request on the files of a session: answered and refused in its acknowledgement; without one, refused by `sftp-error`. */
const files = { failure: 'sftp-error', rate: 'files' } as const
const ofPath = v.strictObject({ sessionId: SessionId, path: Path })
const ofHandle = v.strictObject({ sessionId: SessionId, handle })

/**
 * What a client sends. `reply` names the server event that answers, `failure` the one that reports a refusal; with a
 * Socket.IO acknowledgement the answer is given there as well. `secret` fields never reach a log. `rate` is the bucket
 * that the event is counted in; `data` and `files` events are not logged. An event with `answer` is answered in its
 * acknowledgement alone, which must be asked for.
 */
export const clientEvents = {
  'relay-ping': {
    doc: 'Asks for an acknowledgement, to measure the round trip.',
    payload: Empty,
    failure: 'ssh-error',
    rate: 'data',
  },
  'ssh-connect': {
    doc: 'Opens a shell, or runs a command. Keys that are not named here are ignored.',
    payload: v.object({
      ...connecting,
      cols: v.optional(dimension, 80),
      rows: v.optional(dimension, 24),
      term: v.optional(Term, 'xterm-256color'),
      env: v.optional(
        v.pipe(
          v.record(v.pipe(v.string(), v.regex(/^[A-Za-z_]\w{0,63}$/)), text(1024)),
          v.check((env) => Object.keys(env).length <= 32),
        ),
        {},
      ),
      /**
       * A session of this very socket: where it goes the same way, the new one shares its connection, without a login. Where
       * that cannot be, it logs in like any other.
       */
      session: v.optional(SessionId),
      /** Lets programs on the host ask for signatures of the `identities`; each is a prompt `agent-sign`. */
      forwardAgent: v.optional(v.boolean()),
      /** Runs this instead of a shell. */
      command: v.optional(v.pipe(text(65_536), v.minLength(1))),
      /**
       * False runs the command without a terminal: it gets no input, and what it writes to standard error is marked. Needs
       * `command`, and excludes `resume`.
       */
      pty: v.optional(v.boolean()),
      /** Output as bytes with offsets, flow control by `ssh-ack`. */
      binary: v.optional(v.boolean(), false),
      /** SPKI of a P-256 key made for this session: whoever signs with it may attach. Needs `binary`. */
      resume: v.optional(bytes(256)),
      /** Names the page whose input comes on this socket, so that it finds its own again after another has typed. */
      typist: v.optional(line(64)),
      /** Bytes that may be sent without an `ssh-ack`. */
      window: v.optional(window),
    }),
    reply: 'ssh-connected',
    failure: 'ssh-error',
    secret: ['password', 'privateKey', 'passphrase', 'jump', 'env', 'command', 'resume'],
    rate: 'connect',
  },
  'ssh-data': {
    doc: 'Input. `offset` is the position of its first byte among all input: what was had already is dropped.',
    payload: v.strictObject({
      sessionId: SessionId,
      data: v.union([v.pipe(v.string(), v.maxLength(bounds.data)), bytes(bounds.data)]),
      offset: v.optional(count),
      /** Where this replies to queries in the output: everything before this offset of it is answered now. */
      answers: v.optional(count),
    }),
    failure: 'ssh-error',
    secret: ['data'],
    rate: 'data',
  },
  'ssh-ack': {
    doc: 'Output before this offset has been rendered. `window`: bytes that may be on their way from now on, at most what the hello offers.',
    payload: v.strictObject({ sessionId: SessionId, offset: count, window: v.optional(window) }),
    failure: 'ssh-error',
    rate: 'data',
  },
  'ssh-screen': {
    doc: 'What the terminal shows at this offset: sequences that draw its visible part, title and modes on one just opened. Of use once in a quarter of the log of output, for when the client is away and the log not long enough.',
    payload: v.strictObject({
      sessionId: SessionId,
      offset: count,
      data: text(bounds.screen),
      cols: dimension,
      rows: dimension,
    }),
    failure: 'ssh-error',
    secret: ['data'],
    rate: 'data',
  },
  'ssh-resize': {
    doc: 'The terminal has a new size.',
    payload: v.strictObject({ sessionId: SessionId, cols: dimension, rows: dimension }),
    failure: 'ssh-error',
    rate: 'data',
  },
  'ssh-attach': {
    doc: 'Takes a session for this socket; output goes on from `offset`.',
    payload: v.strictObject({
      sessionId: SessionId,
      offset: count,
      /** IEEE P1363 ECDSA-SHA-256 by the `resume` key over `attachBytes`. */
      signature: bytes(64),
      typist: v.optional(line(64)),
    }),
    reply: 'ssh-attached',
    failure: 'ssh-error',
    secret: ['signature'],
    rate: 'control',
  },
  'ssh-detach': {
    doc: 'Lets a session go that was made with `resume`: it lives on without a socket.',
    payload: v.strictObject({ sessionId: SessionId }),
    reply: 'ssh-detached',
    failure: 'ssh-error',
    rate: 'control',
  },
  'ssh-authorise': {
    doc: 'Lets another key take a session up. A one-time key may authorise one lasting key, and nothing else. Four lasting keys at most, the one used longest ago goes; one one-time key at most.',
    payload: v.strictObject({
      sessionId: SessionId,
      /** SPKI of the P-256 key. */
      key: bytes(256),
      /** Milliseconds within which the key is good for one use; a key without is a lasting one. */
      once: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(bounds.onceMs))),
      /** IEEE P1363 ECDSA-SHA-256 by a key of the session over `authoriseBytes`. */
      signature: bytes(64),
    }),
    reply: 'ssh-authorised',
    failure: 'ssh-error',
    secret: ['key', 'signature'],
    rate: 'control',
  },
  'session-list': {
    doc: 'Asks for the shells and commands that this principal holds. Bursts of 20, then 5 a second.',
    payload: Empty,
    reply: 'session-list-result',
    failure: 'ssh-error',
    rate: 'data',
  },
  'session-end': {
    doc: 'Ends a session of this principal, whoever is attached to it.',
    payload: v.strictObject({ sessionId: SessionId }),
    reply: 'ssh-disconnected',
    failure: 'ssh-error',
    rate: 'control',
  },
  'ssh-answer': {
    doc: 'Answers an open prompt, once.',
    payload: v.strictObject({ sessionId: SessionId, promptId: line(128), answer: Answer }),
    failure: 'ssh-error',
    secret: ['answer'],
    rate: 'control',
  },
  'ssh-disconnect': {
    doc: 'Ends a session.',
    payload: v.strictObject({ sessionId: SessionId }),
    reply: 'ssh-disconnected',
    failure: 'ssh-error',
    rate: 'control',
  },
  'sftp-connect': {
    doc: 'Opens an SFTP conversation, with its own login or on the connection of an open session.',
    payload: v.union([
      /** With a `session`, on its connection where that goes the same way and takes one more. */
      v.object({ ...connecting, session: v.optional(SessionId), ...serving }),
      v.strictObject({ sessionId: SessionId, session: SessionId, ...serving }),
    ]),
    reply: 'sftp-connected',
    failure: 'sftp-error',
    secret: ['password', 'privateKey', 'passphrase', 'jump', 'sudoPassword'],
    rate: 'connect',
  },
  'sftp-list': {
    doc: 'Lists a directory: whole, or with `page` in pages, the next by `cursor`. A page is answered in the acknowledgement only.',
    payload: v.strictObject({
      sessionId: SessionId,
      path: Path,
      page: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(bounds.page))),
      cursor: v.optional(line(128)),
      /** With a cursor: nothing more of it will be asked for; the answer has no entries. */
      stop: v.optional(v.literal(true)),
    }),
    reply: 'sftp-list-result',
    failure: 'sftp-error',
    rate: 'control',
  },
  'sftp-realpath': {
    doc: 'The absolute path of a path, without links, dots and doubled slashes.',
    payload: ofPath,
    answer: v.object({ path: v.string() }),
    ...files,
  },
  'sftp-stat': { doc: 'What a file is, behind links.', payload: ofPath, answer: Found, ...files },
  'sftp-lstat': { doc: 'What a file is; of a link, the link itself.', payload: ofPath, answer: Found, ...files },
  'sftp-fstat': { doc: 'What an open file is.', payload: ofHandle, answer: Found, ...files },
  'sftp-setstat': {
    doc: 'Changes size, mode, owner or times of a file; of a link those of what it points to, unless `follow` is false.',
    payload: v.strictObject({
      sessionId: SessionId,
      path: Path,
      attributes: Changes,
      /** False changes a link itself, by `lsetstat@openssh.com`. */
      follow: v.optional(v.boolean(), true),
    }),
    answer: Done,
    ...files,
  },
  'sftp-fsetstat': {
    doc: 'Changes size, mode, owner or times of an open file.',
    payload: v.strictObject({ sessionId: SessionId, handle, attributes: Changes }),
    answer: Done,
    ...files,
  },
  'sftp-open': {
    doc: 'Opens a file. It is closed with the session at the latest.',
    payload: v.pipe(
      v.strictObject({
        sessionId: SessionId,
        path: Path,
        read: v.optional(v.boolean(), false),
        write: v.optional(v.boolean(), false),
        /** Writes at the end, wherever that is. */
        append: v.optional(v.boolean(), false),
        create: v.optional(v.boolean(), false),
        truncate: v.optional(v.boolean(), false),
        /** With `create`: refuses where there is something already, be it a link to nowhere. */
        exclusive: v.optional(v.boolean(), false),
        /** Permissions of a file that is created, before the server's mask. */
        mode: v.optional(mode),
      }),
      v.check(({ read, write, append }) => read || write || append),
    ),
    answer: v.object({ handle: v.number() }),
    ...files,
  },
  'sftp-read': {
    doc: 'Bytes of an open file. They may be fewer than asked for; `end` where there are none any more.',
    payload: v.strictObject({
      sessionId: SessionId,
      handle,
      offset: count,
      length: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(bounds.fileData)),
    }),
    answer: v.object({ data: fileData, end: v.optional(v.literal(true)) }),
    ...files,
  },
  'sftp-write': {
    doc: 'Writes bytes into an open file.',
    payload: v.strictObject({ sessionId: SessionId, handle, offset: count, data: fileData }),
    answer: Done,
    secret: ['data'],
    ...files,
  },
  'sftp-close': { doc: 'Closes a file.', payload: ofHandle, answer: Done, ...files },
  'sftp-mkdir': {
    doc: 'Makes a directory.',
    payload: v.strictObject({ sessionId: SessionId, path: Path, mode: v.optional(mode) }),
    answer: Done,
    ...files,
  },
  'sftp-rmdir': { doc: 'Removes an empty directory.', payload: ofPath, answer: Done, ...files },
  'sftp-remove': { doc: 'Removes a file or a link.', payload: ofPath, answer: Done, ...files },
  'sftp-rename': {
    doc: 'Renames or moves within a file system. Refuses where there is something already, unless it may `overwrite` (`posix-rename@openssh.com`).',
    payload: v.strictObject({
      sessionId: SessionId,
      from: Path,
      to: Path,
      overwrite: v.optional(v.boolean(), false),
    }),
    answer: Done,
    ...files,
  },
  'sftp-readlink': {
    doc: 'What a symbolic link says.',
    payload: ofPath,
    answer: v.object({ target: v.string() }),
    ...files,
  },
  'sftp-symlink': {
    doc: 'Makes a symbolic link at `path` that says `target`.',
    payload: v.strictObject({ sessionId: SessionId, path: Path, target: Path }),
    answer: Done,
    ...files,
  },
  'sftp-hardlink': {
    doc: 'Gives the file `from` the further name `to`, by `hardlink@openssh.com`.',
    payload: v.strictObject({ sessionId: SessionId, from: Path, to: Path }),
    answer: Done,
    ...files,
  },
  'sftp-statvfs': {
    doc: 'The space of the file system that a path is on, in bytes and counts, by `statvfs@openssh.com`.',
    payload: ofPath,
    answer: v.object({
      total: v.number(),
      /** To this user. */
      available: v.number(),
      files: v.number(),
      filesAvailable: v.number(),
      readOnly: v.boolean(),
      /** Bytes of the longest name. */
      nameMax: v.number(),
    }),
    ...files,
  },
  'sftp-fsync': {
    doc: 'Resolves when what was written is on the disk, by `fsync@openssh.com`.',
    payload: ofHandle,
    answer: Done,
    ...files,
  },
  'sftp-copy': {
    doc: 'Copies bytes of an open file into another, of this or another session of the same login, without the browser. `copied` is less than asked for where the file ends.',
    payload: v.strictObject({
      sessionId: SessionId,
      handle,
      offset: count,
      length: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(bounds.copy)),
      to: v.strictObject({ sessionId: v.optional(SessionId), handle, offset: count }),
    }),
    answer: v.object({ copied: v.number() }),
    ...files,
  },
  'sftp-put': {
    doc: 'Writes a whole small file: beside its place first, so that what was there stays until the new one is whole.',
    payload: v.strictObject({
      sessionId: SessionId,
      path: Path,
      data: fileData,
      mode: v.optional(mode),
      mtime: v.optional(u32),
      existing: v.picklist(['refuse', 'replace']),
      /** Waits until it is on the disk, where the server can tell. */
      fsync: v.optional(v.boolean(), false),
      /** Part of the name of the unfinished file: who gives it can find what a cut has left. */
      random: v.optional(v.pipe(v.string(), v.regex(/^[0-9A-Za-z]{1,40}$/))),
    }),
    answer: Found,
    secret: ['data'],
    ...files,
  },
  'sftp-get': {
    doc: 'Reads a whole small file; `too-large` where it is none.',
    payload: ofPath,
    answer: v.object({ data: fileData, attributes: Attributes }),
    ...files,
  },
  'sftp-hash': {
    doc: 'The SHA-256 of a file, or of its first bytes, computed on the host by a command; `sftp-unsupported` where none can be run.',
    payload: v.strictObject({ sessionId: SessionId, path: Path, length: v.optional(count) }),
    answer: v.object({ sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }),
    ...files,
  },
  'sftp-offer': {
    doc: 'Lets the browser itself fetch a file, once and within a minute, from `/offer/<id>` of the relay: what is dragged out of the page. The client makes up the id. Of more than 16 offers of a session the oldest goes.',
    payload: v.strictObject({
      sessionId: SessionId,
      /** 128 random bits: whoever knows them has the file. */
      id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
      path: Path,
      /** What it is to be called there. */
      name: LocalName,
    }),
    answer: Done,
    secret: ['id'],
    ...files,
  },
  'sftp-disconnect': {
    doc: 'Ends an SFTP conversation.',
    payload: v.strictObject({ sessionId: SessionId }),
    reply: 'sftp-disconnected',
    failure: 'sftp-error',
    rate: 'control',
  },
} as const satisfies Record<string, ClientEntry>

interface ClientEntry {
  doc: string
  payload: v.GenericSchema
  reply?: ServerEvent
  answer?: v.GenericSchema
  failure: 'ssh-error' | 'sftp-error'
  secret?: readonly string[]
  rate: 'connect' | 'control' | 'data' | 'files'
}

export type ServerEvent = keyof typeof serverEvents
export type ClientEvent = keyof typeof clientEvents
export const clientEventNames = Object.keys(clientEvents) as ClientEvent[]
export const serverEventNames = Object.keys(serverEvents) as ServerEvent[]

/** What the relay sends with an event, before it is serialised. */
export type ServerPayload<E extends ServerEvent> = v.InferInput<(typeof serverEvents)[E]['payload']>
/** What a client reads of an event, after validation. */
export type ServerMessage<E extends ServerEvent> = v.InferOutput<(typeof serverEvents)[E]['payload']>
/** What a client sends with an event: defaults may be left out. */
export type ClientPayload<E extends ClientEvent> = v.InferInput<(typeof clientEvents)[E]['payload']>
/** What a handler gets: validated, with its defaults. */
export type ClientMessage<E extends ClientEvent> = v.InferOutput<(typeof clientEvents)[E]['payload']>

type ReplyName<E extends ClientEvent> = (typeof clientEvents)[E] extends { reply: infer R extends ServerEvent }
  ? R
  : never
type AnswerSchema<E extends ClientEvent> = (typeof clientEvents)[E] extends { answer: infer A extends v.GenericSchema }
  ? A
  : never
/** What a handler returns: the answer, or the payload of the reply event, or nothing. */
export type Reply<E extends ClientEvent> = [AnswerSchema<E>] extends [never]
  ? [ReplyName<E>] extends [never]
    ? undefined
    : ServerPayload<ReplyName<E>>
  : v.InferInput<AnswerSchema<E>>
/** What a client reads of an acknowledgement that is no failure. */
export type ReplyMessage<E extends ClientEvent> = [AnswerSchema<E>] extends [never]
  ? [ReplyName<E>] extends [never]
    ? undefined
    : ServerMessage<ReplyName<E>>
  : v.InferOutput<AnswerSchema<E>>
/** The events that are requests on files: answered in their acknowledgement. */
export type FileEvent = {
  [E in ClientEvent]: (typeof clientEvents)[E] extends { answer: unknown } ? E : never
}[ClientEvent]

/** A Socket.IO acknowledgement: the reply's payload, or what went wrong. */
export type Ack<T> = { ok: true; value: T } | { ok: false; failure: SessionFailure }

/** Socket.IO's type parameters. */
export type ServerToClient = { [E in ServerEvent]: (payload: ServerPayload<E>) => void }
export type ClientToServer = {
  [E in ClientEvent]: (payload: ClientPayload<E>, ack?: (answer: Ack<Reply<E>>) => void) => void
}

/** A copy of a payload that may be logged: secret fields and bytes are replaced, long strings cut to 256 units. */
export function redact(event: ClientEvent, payload: unknown): Record<string, unknown> {
  if (typeof payload !== 'object' || payload === null) return {}
  const secret: readonly string[] = (clientEvents[event] as ClientEntry).secret ?? []
  const known = clientEvents[event].payload
  const names = 'entries' in known ? Object.keys(known.entries) : ['sessionId', 'session', 'host', 'port', 'username']
  const shown: Record<string, unknown> = {}
  for (const name of names) {
    const value: unknown = Object.hasOwn(payload, name) ? (payload as Record<string, unknown>)[name] : undefined
    if (value === undefined) continue
    if (secret.includes(name)) shown[name] = '***'
    else if (typeof value === 'string') shown[name] = value.slice(0, 256)
    else if (typeof value === 'number' || typeof value === 'boolean') shown[name] = value
  }
  return shown
}

/** The bytes that an attach signs: who is asked (nonce, epoch), for what (session), from where (offset). */
export function attachBytes(of: { nonce: string; epoch: string; sessionId: string; offset: number }): Uint8Array {
  return signedBytes(['fairlead-attach-v1', of.nonce, of.epoch, of.sessionId, String(of.offset)])
}

/** The bytes that an authorisation signs: who is asked (nonce, epoch), for what (session), whom it lets in and for how long. */
export function authoriseBytes(of: {
  nonce: string
  epoch: string
  sessionId: string
  key: Uint8Array
  once: number | undefined
}): Uint8Array {
  const key = Array.from(of.key, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return signedBytes(['fairlead-authorise-v1', of.nonce, of.epoch, of.sessionId, key, String(of.once ?? 'lasting')])
}

/** In ASCII, and no part can reach into the next. */
function signedBytes(parts: string[]): Uint8Array {
  return Uint8Array.from(parts.map(encodeURIComponent).join('\n'), (character) => character.charCodeAt(0))
}
