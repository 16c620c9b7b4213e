import { PassThrough } from 'node:stream'
import { TokenBucket } from 'limiter'
import ssh2, { type ClientChannel, type ParsedKey } from 'ssh2'
import { bounds, type OfferedKey } from '../shared/protocol.ts'
import { ReceiveWindow, SSH2_WINDOW } from './receiveWindow.ts'
import { sshString, stringsOf } from './sshString.ts'

type Client = InstanceType<typeof ssh2.Client>

/** A request for a signature by a program on the host. */
interface AgentRequest {
  /** The blob of one of the keys, or of its certificate. */
  publicKey: Buffer
  data: Buffer
  flags: number
}

/** What a session lends to its host. */
export interface LentKeys {
  keys: readonly OfferedKey[]
  /** The whole signature blob; undefined where it is refused. */
  sign(request: AgentRequest): Promise<Buffer | undefined>
}

/** The messages of the agent protocol that are spoken (draft-ietf-sshm-ssh-agent §3, §5.1). */
const message = { failure: 5, list: 11, listed: 12, sign: 13, signed: 14 } as const
/** Bytes of one message, as OpenSSH's agent has it. */
const MESSAGE_MAX = 256 * 1024
/** Channels to the agent that a host may have open at once. */
const CHANNELS = 8
/** Requests that a host may make, and signatures that it may ask the person for. */
const REQUESTS = { burst: 200, perSecond: 20 }
const SIGNATURES = { burst: 30, perSecond: 1 }

// What is read and replaced here is private to ssh2, which is pinned; `test/relay/agent.test.ts` fails when it moves.
interface Privates {
  _agentFwdEnabled: boolean
  _chanMgr: { _channels: Record<number, { outgoing?: { id: number }; _callbacks?: ((failed: boolean) => void)[] }> }
  _protocol: { openssh_agentForward(channel: number, wantReply: boolean): void }
}

/**
 * The keys that the sessions of a connection lend to programs on its host, by OpenSSH's agent forwarding. It lists the keys
 * and hands on what is to be signed, one at a time; all else is refused. Where several sessions lend, the youngest is asked.
 */
export class ForwardedAgent extends ssh2.BaseAgent {
  readonly #lenders: LentKeys[] = []
  readonly #requests = bucket(REQUESTS)
  readonly #signatures = bucket(SIGNATURES)
  readonly #broke: () => void
  #client: Client | undefined
  #channels = 0
  #signing: Promise<unknown> = Promise.resolve()

  /** @param broke called where the host sends what nobody may */
  constructor(broke: () => void) {
    super()
    this.#broke = broke
  }

  /** To be called once the client has been told to connect. */
  serve(client: Client): void {
    this.#client = client
    const privates = client as unknown as Privates
    const protocol = privates._protocol
    const { openssh_agentForward: ask } = protocol
    // A server that forwards no agents gives a shell nevertheless.
    protocol.openssh_agentForward = (channel, wantReply) => {
      const asking = Object.values(privates._chanMgr._channels).find((one) => one.outgoing?.id === channel)
      const answered = asking?._callbacks?.pop()
      if (answered) asking?._callbacks?.push(() => answered(false))
      ask.call(protocol, channel, wantReply)
    }
  }

  /** Lends keys, for a channel that is opened next with `agentForward`. Returns what takes them back. */
  lend(keys: LentKeys): () => void {
    this.#lenders.push(keys)
    // ssh2 would ask for the first channel of a connection only; it sets this when it asks.
    this.#enabled = false
    return () => {
      const at = this.#lenders.indexOf(keys)
      if (at < 0) return
      this.#lenders.splice(at, 1)
      this.#enabled = this.#lenders.length > 0
    }
  }

  set #enabled(enabled: boolean) {
    if (this.#client) (this.#client as unknown as Privates)._agentFwdEnabled = enabled
  }

  /** ssh2 asks for the stream that it is to join to a channel which the host opens. */
  override getStream(done: (error: Error | null, stream?: PassThrough) => void): void {
    const client = this.#client
    if (!client || this.#lenders.length === 0 || this.#channels >= CHANNELS) {
      done(new Error('no agent'))
      return
    }
    const stream = new PassThrough()
    this.#channels += 1
    stream.once('pipe', (channel: ClientChannel) => {
      channel.once('close', () => {
        this.#channels -= 1
      })
      channel.on('error', () => undefined)
      channel.once('end', () => channel.close())
      this.#listen(client, channel)
    })
    done(null, stream)
  }

  override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    done(null, [])
  }

  override sign(_key: unknown, _data: Buffer, ...rest: unknown[]): void {
    const done = rest.at(-1)
    if (typeof done === 'function') done(new Error('no key is here'))
  }

  /** Reads one request after the other; while one is being answered, what comes behind it waits, at most a window of it. */
  #listen(client: Client, channel: ClientChannel): void {
    let pending = Buffer.alloc(0)
    let busy = false
    const next = async () => {
      busy = true
      while (pending.length >= 4) {
        const length = pending.readUInt32BE(0)
        if (length === 0 || length > MESSAGE_MAX || !this.#requests.tryRemoveTokens(1)) {
          channel.close()
          return
        }
        if (pending.length < 4 + length) break
        const request = Buffer.from(pending.subarray(4, 4 + length))
        pending = pending.subarray(4 + length)
        const reply = await this.#answer(request)
        if (!channel.writable) return
        channel.write(sshString(reply))
        window.grant(4 + length)
      }
      busy = false
    }
    const window = new ReceiveWindow(client, channel, SSH2_WINDOW, {
      data: (chunk) => {
        pending = Buffer.concat([pending, chunk])
        if (!busy) void next()
      },
      overrun: this.#broke,
    })
  }

  /** Never rejects: what goes wrong is a refusal. */
  async #answer(request: Buffer): Promise<Buffer> {
    const failure = Buffer.from([message.failure])
    const lender = this.#lenders.at(-1)
    if (!lender) return failure
    if (request[0] === message.list && request.length === 1) return listed(lender.keys)
    if (request[0] !== message.sign) return failure
    const asked = readSign(request.subarray(1))
    if (!asked || !blobs(lender.keys).some((blob) => blob.equals(asked.publicKey))) return failure
    if (!this.#signatures.tryRemoveTokens(1)) return failure
    const signature = this.#signing.then(() => lender.sign(asked)).catch(() => undefined)
    this.#signing = signature
    const blob = await signature
    return blob ? Buffer.concat([Buffer.from([message.signed]), sshString(blob)]) : failure
  }
}

function readSign(body: Buffer): AgentRequest | undefined {
  if (body.length < 4) return undefined
  const parts = stringsOf(body.subarray(0, -4))
  const [publicKey, data] = parts ?? []
  if (parts?.length !== 2 || !publicKey || !data || data.length > bounds.signed) return undefined
  return { publicKey, data, flags: body.readUInt32BE(body.length - 4) }
}

/** The blobs under which the keys are known: the key's, and its certificate's. */
function blobs(keys: readonly OfferedKey[]): Buffer[] {
  return keys.flatMap(({ publicKey, certificate }) =>
    [publicKey, ...(certificate === undefined ? [] : [certificate])].map((text) => Buffer.from(text, 'base64')),
  )
}

function listed(keys: readonly OfferedKey[]): Buffer {
  const all = blobs(keys)
  const head = Buffer.alloc(5)
  head[0] = message.listed
  head.writeUInt32BE(all.length, 1)
  return Buffer.concat([head, ...all.flatMap((blob) => [sshString(blob), sshString('Fairlead')])])
}

function bucket({ burst, perSecond }: { burst: number; perSecond: number }): TokenBucket {
  const made = new TokenBucket({ bucketSize: burst, tokensPerInterval: perSecond, interval: 'second' })
  made.content = burst
  return made
}
