import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TokenBucket } from 'limiter'
import type ssh2 from 'ssh2'

type Client = InstanceType<typeof ssh2.Client>

/** Messages that a server may send before the login is through; an honest one needs some dozens. */
const BEFORE_LOGIN = 1024
/** Rounds of keyboard-interactive without a question: ssh2 answers them by itself, and would for ever. */
const EMPTY_ROUNDS = 20
/** Answers given to a server that leaves more than so many bytes unread. */
const ANSWERS_OWED = { behind: 256 * 1024, count: 1000 }
/**
 * Key exchanges that a server may ask for, each of which takes the relay's one thread for a millisecond or more: so many,
 * and one for each so many bytes that go over the wire (sshd's `RekeyLimit` may be as low).
 */
const KEY_EXCHANGES = { burst: 30, perSecond: 2, bytes: 512 * 1024 }
/** Largest window of a channel, in bytes (RFC 4254 §5.2). */
const WINDOW_MAX = 2 ** 32 - 1

// What is read and replaced here is private to ssh2, which is pinned; `test/relay/hostile.test.ts` fails when it moves.
type Handler<Rest extends unknown[]> = (protocol: Protocol, ...rest: Rest) => void
interface Protocol {
  _authenticated: boolean
  _onPacket(): void
  _handlers: {
    USERAUTH_INFO_REQUEST: Handler<[name: string, instructions: string, prompts: unknown[] | undefined]>
    GLOBAL_REQUEST: Handler<[name: string, wantReply: boolean, data: unknown]>
    CHANNEL_OPEN: Handler<[info: unknown]>
    CHANNEL_REQUEST: Handler<[recipient: number, type: string, wantReply: boolean, data: unknown]>
    CHANNEL_WINDOW_ADJUST: Handler<[recipient: number, amount: number]>
  }
  requestFailure(): void
}
interface Privates {
  _protocol: Protocol
  _chanMgr: { get(id: number): { outgoing?: { window: number } } | undefined }
}

/**
 * Bounds what a server can make the relay do unasked, which ssh2 does not: talk before the login, questions without
 * questions, requests whose answers it never reads, windows beyond all bounds, key exchanges in a row. To be called once
 * a client has been told to connect.
 * @param broke called with what the server does, perhaps more than once
 */
export function boundUnasked(client: Client, stream: Duplex, broke: (detail: string) => void): void {
  const { _protocol: protocol, _chanMgr: channels } = client as unknown as Privates
  const handlers = protocol._handlers
  const asked = { ...handlers }
  let early = 0
  let emptyRounds = 0
  let owed = 0

  const answer = (give: () => void) => {
    if (stream.writableLength < ANSWERS_OWED.behind) owed = 0
    else if (++owed > ANSWERS_OWED.count) return broke('The server asks without end and reads no answer')
    give()
  }

  protocol._onPacket = () => {
    if (!protocol._authenticated && ++early > BEFORE_LOGIN) broke('The server talks without end before the login')
  }
  handlers.USERAUTH_INFO_REQUEST = (from, name, instructions, prompts) => {
    if (!prompts?.length && ++emptyRounds > EMPTY_ROUNDS) return broke('The server asks without end for nothing')
    asked.USERAUTH_INFO_REQUEST(from, name, instructions, prompts)
  }
  // ssh2 would have the server prove the keys that it announces; nothing here wants them.
  handlers.GLOBAL_REQUEST = (from, _name, wantReply) => {
    if (wantReply) answer(() => from.requestFailure())
  }
  handlers.CHANNEL_OPEN = (from, info) => answer(() => asked.CHANNEL_OPEN(from, info))
  handlers.CHANNEL_REQUEST = (from, recipient, type, wantReply, data) => {
    const give = () => asked.CHANNEL_REQUEST(from, recipient, type, wantReply, data)
    if (wantReply) answer(give)
    else give()
  }
  handlers.CHANNEL_WINDOW_ADJUST = (from, recipient, amount) => {
    const { outgoing } = channels.get(recipient) ?? {}
    if (outgoing && outgoing.window + amount > WINDOW_MAX) return broke('The server opens a window beyond all bounds')
    asked.CHANNEL_WINDOW_ADJUST(from, recipient, amount)
  }

  const exchanges = new TokenBucket({
    bucketSize: KEY_EXCHANGES.burst,
    tokensPerInterval: KEY_EXCHANGES.perSecond,
    interval: 'second',
  })
  exchanges.content = KEY_EXCHANGES.burst
  const bytes = trafficOf(stream)
  let paid = 0
  client.on('handshake', ({ kex }) => {
    // One in a group that the server has made up takes as long as many others.
    const price = kex.includes('group-exchange') ? 10 : 1
    const owed = bytes() - paid >= KEY_EXCHANGES.bytes
    if (owed) paid = bytes()
    else if (!exchanges.tryRemoveTokens(price)) broke('The server exchanges keys without end')
  })
}

/** Counts the bytes of a stream, of a socket in both directions. */
function trafficOf(stream: Duplex): () => number {
  if (stream instanceof Socket) return () => stream.bytesRead + stream.bytesWritten
  let heard = 0
  // After this turn, so that ssh2's own listener is the first.
  queueMicrotask(() =>
    stream.on('data', (chunk: Buffer) => {
      heard += chunk.length
    }),
  )
  return () => heard
}
