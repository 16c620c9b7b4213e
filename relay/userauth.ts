import type ssh2 from 'ssh2'
import wire from 'ssh2/lib/protocol/utils.js'
import { Refusal } from '../shared/failure.ts'
import type { OfferedKey } from '../shared/protocol.ts'
import { sessionId } from './exchange.ts'
import { sshString, stringsOf } from './sshString.ts'

type Client = InstanceType<typeof ssh2.Client>

/** What is to be signed for a login, and with what. */
export interface SignRequest {
  /** As it stands in the signature: of a certificate, its key's. */
  algorithm: string
  /** The key blob, or the certificate's. */
  publicKey: Buffer
  /** Session id and request (RFC 4252 §7). */
  data: Buffer
}

/** What a server said to a key that it did not take, or that was not enough. */
export interface Refused {
  left: string[]
  partial: boolean
}

/** What `RemoteKeys` needs of its connection. */
interface Ports {
  username: string
  /** The host key that was accepted; undefined before. */
  hostKey(): Buffer | undefined
  /** Gives the whole signature blob. */
  sign(request: SignRequest): Promise<Buffer>
  /** The server has refused the signature that was given last. */
  refused(): void
  /** The server answers what was not asked. */
  broke(refusal: Refusal): void
}

const message = { extInfo: 7, userauthRequest: 50 } as const
const HOSTBOUND = 'publickey-hostbound-v00@openssh.com'
/** Entries of an `SSH_MSG_EXT_INFO` that are looked at; OpenSSH sends four. */
const EXTENSIONS = 64

// What is read and replaced here is private to ssh2, which is pinned; `test/relay/userauth.test.ts` fails when it moves.
interface Protocol {
  _onPayload(payload: Buffer): unknown
  _authsQueue: string[]
  _handlers: {
    USERAUTH_PK_OK(protocol: unknown, algorithm: string, key: Buffer): void
    USERAUTH_FAILURE(protocol: unknown, left: string[], partial: boolean): void
  }
  _packetRW: { write: { allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer } }
}

type Answer = { ok: true; algorithm: string; key: Buffer } | ({ ok: false } & Refused)

/**
 * Logs in with keys whose private halves are elsewhere (RFC 4252 §7): asks whether the server takes a key, and has it signed
 * for only then. Beyond what ssh2 knows these are certificates, host-bound requests, and all algorithms of an RSA key.
 */
export class RemoteKeys {
  readonly #client: Client
  readonly #protocol: Protocol
  readonly #ports: Ports
  /** Signature algorithms that the server takes, if it said so (RFC 8308 §3.1). */
  #algorithms: string[] | undefined
  #hostBound = false
  #busy = false
  #waiting: ((answer: Answer) => void) | undefined

  /** To be made once the client has been told to connect. */
  constructor(client: Client, ports: Ports) {
    this.#client = client
    this.#ports = ports
    this.#protocol = (client as unknown as { _protocol: Protocol })._protocol
    const protocol = this.#protocol
    const { _onPayload: onPayload, _handlers: handlers } = protocol
    // ssh2 tells of one extension only. It takes this function up with the first keys, before which none may come.
    protocol._onPayload = (payload) => {
      if (payload[0] === message.extInfo) this.#extensions(payload)
      return onPayload(payload)
    }
    const { USERAUTH_PK_OK: ok, USERAUTH_FAILURE: failure } = handlers
    handlers.USERAUTH_PK_OK = (from, algorithm, key) => {
      if (!this.#busy) ok(from, algorithm, key)
      else this.#answered({ ok: true, algorithm, key: Buffer.from(key) })
    }
    handlers.USERAUTH_FAILURE = (from, left, partial) => {
      if (!this.#busy) failure(from, left, partial)
      else this.#answered({ ok: false, left, partial })
    }
  }

  /**
   * Tries one key. Resolves when the server has refused it or wants more, at once and with undefined where the server takes
   * none of its algorithms; does not resolve when the login has succeeded.
   * @throws Refusal `server-broke-protocol`, or what `sign` threw
   */
  async offer(key: OfferedKey): Promise<Refused | undefined> {
    const algorithms = key.algorithms.filter((one) => this.#algorithms?.includes(one) !== false)
    const blob = Buffer.from(key.certificate ?? key.publicKey, 'base64')
    let refused: Refused | undefined
    this.#busy = true
    for (const algorithm of algorithms) {
      const name = key.certificate === undefined ? algorithm : `${algorithm}-cert-v01@openssh.com`
      const answer = await this.#ask(this.#request('publickey', false, name, blob))
      if (answer.ok) {
        if (answer.algorithm !== name || !answer.key.equals(blob)) throw broken('The server answers for another key')
        refused = await this.#prove(algorithm, name, blob)
        if (!refused.partial) this.#ports.refused()
      } else refused = answer
      if (refused.partial || answer.ok || !refused.left.includes('publickey')) break
    }
    this.#busy = false
    return refused && { left: refused.left, partial: refused.partial }
  }

  async #prove(algorithm: string, name: string, blob: Buffer): Promise<Refused> {
    const hostKey = this.#hostBound ? this.#ports.hostKey() : undefined
    const request = Buffer.concat([
      this.#request(hostKey ? HOSTBOUND : 'publickey', true, name, blob),
      hostKey ? sshString(hostKey) : Buffer.alloc(0),
    ])
    const data = Buffer.concat([sshString(sessionId(this.#client)), request])
    const signature = await this.#ports.sign({ algorithm, publicKey: blob, data })
    const named = sshString(algorithm)
    // After its name, that of a passkey has fields that are no strings (OpenSSH PROTOCOL.u2f).
    const whole = algorithm.startsWith('webauthn-sk-') || stringsOf(signature)?.length === 2
    if (!whole || !signature.subarray(0, named.length).equals(named))
      throw new Refusal('bad-request', { phase: 'login', detail: 'This is not the signature that was asked for' })
    const answer = await this.#ask(Buffer.concat([request, sshString(signature)]))
    if (answer.ok) throw broken('The server asks for a signature that it has')
    return answer
  }

  #request(method: string, signed: boolean, algorithm: string, blob: Buffer): Buffer {
    return Buffer.concat([
      Buffer.from([message.userauthRequest]),
      sshString(this.#ports.username),
      sshString('ssh-connection'),
      sshString(method),
      Buffer.from([signed ? 1 : 0]),
      sshString(algorithm),
      sshString(blob),
    ])
  }

  #ask(request: Buffer): Promise<Answer> {
    const { write } = this.#protocol._packetRW
    return new Promise((resolve) => {
      this.#waiting = resolve
      this.#protocol._authsQueue.push('publickey')
      // Where it starts is read first, as ssh2 does.
      const start = write.allocStart
      const packet = write.alloc(request.length)
      packet.set(request, start)
      wire.sendPacket(this.#protocol, write.finalize(packet))
    })
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) waiting(answer)
    else this.#ports.broke(broken('The server answers what was not asked'))
  }

  #extensions(payload: Buffer): void {
    const count = payload.length >= 5 ? payload.readUInt32BE(1) : 0
    const strings = stringsOf(payload.subarray(5)) ?? []
    for (let at = 0; at + 1 < strings.length && at < 2 * Math.min(count, EXTENSIONS); at += 2) {
      const name = strings[at]?.toString('latin1')
      const value = strings[at + 1]?.toString('latin1') ?? ''
      if (name === 'server-sig-algs') this.#algorithms = value.split(',')
      else if (name === 'publickey-hostbound@openssh.com') this.#hostBound = value === '0'
    }
  }
}

function broken(detail: string): Refusal {
  return new Refusal('server-broke-protocol', { phase: 'login', detail })
}
