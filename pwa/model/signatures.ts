import type { OfferedKey } from '../../shared/protocol.ts'
import { type AppFailure, Failed } from './failure.ts'
import type { SigningKey } from './identities.ts'
import { ageOf, type Moment, thisMoment } from './moment.ts'
import type { CheckedLogin, SignPrompt } from './signer.ts'
import { type RefusalReason, SignRefused } from './signRefused.ts'
import { fromBase64, toBase64 } from './sshWire.ts'

/** Milliseconds that a login may go on without a word of the person. */
const EXPIRES = 120_000
/** Refused signatures of one relay after which the person is told, and again after every so many more. */
const TELL = { first: 3, every: 100 }
/** SSH sessions that are remembered as signed for. */
const REMEMBERED = 10_000

/** One part of a way, with the keys that are offered there. */
export interface OfferedHop {
  host: string
  port: number
  username: string
  keys: readonly OfferedKey[]
  /** Whether SHA-1 will do there. */
  legacy: boolean
}

/** The relay that asks, as it is named to the person. */
interface Asking {
  id: string
  label: string
}

interface Begun {
  way: OfferedHop[]
  at: Moment
  /** By hop and key: one signature each, which is given again only for the very same bytes. */
  given: Map<string, Given>
}

interface Given {
  data: string
  signature: Promise<string> | undefined
}

/** A signature that may be given. */
export interface Allowed {
  host: string
  port: number
  username: string
  key: SigningKey
  /** The SSH session id, base64, which is the exchange hash that was checked. */
  sshSessionId: string
  /** Base64 of the signature blob; the same when called again. Rejects with `Failed`. */
  sign(): Promise<string>
}

interface Ports {
  /** The key of a public key blob in base64, where this browser has it. */
  signingKey(publicKey: string): Promise<SigningKey | undefined>
  report(error: unknown): void
}

/**
 * The signatures that logins may have. A signature is given for a connect that a person began in this page, once for each
 * part of its way and each key that was offered there, and never for an SSH session that has had one; all else is refused
 * and counted.
 */
export class Signatures {
  readonly #ports: Ports
  readonly #begun = new Map<string, Begun>()
  /** The SSH sessions that were signed for, the oldest first. */
  readonly #signed = new Set<string>()
  readonly #refused = new Map<string, number>()

  constructor(ports: Ports) {
    this.#ports = ports
  }

  /** A person connects: what is offered on the way may be signed for, for two minutes. */
  begin(sessionId: string, way: readonly OfferedHop[]): void {
    this.#begun.set(sessionId, { way: [...way], at: thisMoment(), given: new Map() })
  }

  /** The person offers one more key, in answer to a relay that asks for a login. */
  offer(sessionId: string, at: Pick<OfferedHop, 'host' | 'port' | 'username'>, key: OfferedKey): void {
    const begun = this.#begun.get(sessionId)
    if (!begun) return
    begun.way = begun.way.map((hop) => (isAt(hop, at) ? { ...hop, keys: [...hop.keys, key] } : hop))
  }

  /** The person has answered something: the login may take as long again. */
  prolong(sessionId: string): void {
    const begun = this.#begun.get(sessionId)
    if (begun) begun.at = thisMoment()
  }

  /** The login is through, or over. */
  end(sessionId: string): void {
    this.#begun.delete(sessionId)
  }

  /**
   * Judges a relay's request. Rejects with `Failed`, in words for the person.
   * @param hostKeys the keys, base64 blobs, that were accepted for the host of the prompt
   */
  async judge(sessionId: string, relay: Asking, prompt: SignPrompt, hostKeys: readonly string[]): Promise<Allowed> {
    try {
      return await this.#judge(sessionId, prompt, hostKeys)
    } catch (error) {
      throw error instanceof SignRefused ? this.refuse(relay, error) : error
    }
  }

  /** The key of a public key blob in base64, where this browser has it. */
  signingKey(publicKey: string): Promise<SigningKey | undefined> {
    return this.#ports.signingKey(publicKey)
  }

  /** Counts what was refused, and says so where it is too much. */
  refuse(relay: Asking, refused: SignRefused): Failed {
    const times = (this.#refused.get(relay.id) ?? 0) + 1
    this.#refused.set(relay.id, times)
    if (times === TELL.first || times % TELL.every === 0) {
      this.#ports.report(
        new Failed({
          code: 'relay-suspect',
          message: `The relay “${relay.label}” has asked ${times} times for signatures that it should not get`,
          remedy: 'None was given. Do not connect through it before you know why.',
          retry: false,
          phase: 'relay',
        }),
      )
    }
    return new Failed(wordsFor(relay, refused.reason), refused)
  }

  async #judge(sessionId: string, prompt: SignPrompt, hostKeys: readonly string[]): Promise<Allowed> {
    const begun = this.#begun.get(sessionId)
    if (!begun) throw new SignRefused('not-begun')
    if (ageOf(begun.at, thisMoment()) > EXPIRES) throw new SignRefused('expired')
    const hop = begun.way[prompt.hop]
    if (!hop || !isAt(hop, prompt))
      throw new SignRefused(hop?.username === prompt.username ? 'not-begun' : 'other-user')
    const offered = hop.keys.find((key) => (key.certificate ?? key.publicKey) === prompt.publicKey)
    if (!offered) throw new SignRefused('other-key')
    // Needed from the first login on, and not for the first screen.
    const { checkLoginRequest } = await import('./signer.ts')
    const checked = await checkLoginRequest(prompt, {
      username: hop.username,
      hostKeys: hostKeys.map(fromBase64),
      key: offered,
      legacy: hop.legacy,
    })
    const given = this.#take(begun, `${prompt.hop} ${prompt.publicKey}`, checked)
    const key = await this.#ports.signingKey(offered.publicKey)
    if (!key) throw new SignRefused('other-key')
    return {
      host: hop.host,
      port: hop.port,
      username: hop.username,
      key,
      sshSessionId: checked.sessionId,
      sign: async () => {
        // It may be over since: closed, or begun anew.
        if (this.#begun.get(sessionId) !== begun) throw new Failed('not-signed')
        // One that was not given, for a vault that stayed locked, may be asked for again.
        given.signature ??= key.sign(checked.algorithm, checked.data).then(toBase64, (error) => {
          given.signature = undefined
          throw error
        })
        return given.signature
      },
    }
  }

  /** The one signature of a key on a part of the way. */
  #take(begun: Begun, place: string, { data, sessionId }: CheckedLogin): Given {
    const asked = toBase64(data)
    const before = begun.given.get(place)
    if (before) {
      if (before.data !== asked) throw new SignRefused('second-signature')
      return before
    }
    if (this.#signed.has(sessionId)) throw new SignRefused('second-signature')
    this.#signed.add(sessionId)
    const [oldest] = this.#signed
    if (this.#signed.size > REMEMBERED && oldest !== undefined) this.#signed.delete(oldest)
    const given: Given = { data: asked, signature: undefined }
    begun.given.set(place, given)
    return given
  }
}

function isAt(hop: OfferedHop, at: Pick<OfferedHop, 'host' | 'port' | 'username'>): boolean {
  return hop.host === at.host && hop.port === at.port && hop.username === at.username
}

function wordsFor(relay: Asking, reason: RefusalReason): AppFailure {
  const phase = 'login' as const
  if (reason === 'expired' || reason === 'not-begun') {
    return { code: 'signature-late', message: late[reason], remedy: 'Connect again.', retry: true, phase }
  }
  return {
    code: 'signature-refused',
    message: `The relay “${relay.label}” asked for a signature that ${means[reason]}`,
    remedy: 'Nothing was signed. Do not use this relay before you know why.',
    retry: false,
    phase,
  }
}

const late = {
  expired: 'The login took so long that nothing is signed for it any more',
  'not-begun': 'This page did not begin the login, so it signs nothing for it',
} as const

const means: Record<Exclude<RefusalReason, keyof typeof late>, string> = {
  malformed: 'would not be a login',
  'other-user': 'would log in as another user',
  'other-key': 'is by a key that was not chosen for this host',
  'other-algorithm': 'is of a kind that was not offered',
  'host-not-accepted': 'would be good at a host that you have not accepted',
  'other-session': 'would be good at another host than the one whose key you accepted',
  'host-did-not-sign': 'the host has not vouched for',
  'second-signature': 'it has had already',
}
