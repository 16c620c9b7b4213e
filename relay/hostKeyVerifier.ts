import { Refusal } from '../shared/failure.ts'
import { fingerprint } from './fingerprint.ts'
import type { Caller } from './handshake.ts'
import { type KnownHosts, keyType } from './knownHosts.ts'
import type { Ask, Hop } from './login.ts'

const foundAs = { known: 'Host key known', new: 'Host key kept', answered: 'Host key accepted' } as const

/** Judges the host key of one connection: by the person's word where one can be asked, else by the relay's `known_hosts`. */
export class HostKeyVerifier {
  readonly #hop: Pick<Hop, 'host' | 'port'>
  readonly #knownHosts: KnownHosts
  readonly #ask: Ask | undefined
  readonly #caller: Caller
  #accepted: Buffer | undefined
  #judged: keyof typeof foundAs = 'known'

  /** @param ask absent where the client cannot be asked */
  constructor({ host, port }: Hop, knownHosts: KnownHosts, ask: Ask | undefined, caller: Caller) {
    this.#hop = { host, port }
    this.#knownHosts = knownHosts
    this.#ask = ask
    this.#caller = caller
  }

  /** The key that was accepted, as a whole blob. */
  get accepted(): Buffer | undefined {
    return this.#accepted
  }

  /** What the key was found to be, for the report. */
  get found(): string {
    return foundAs[this.#judged]
  }

  /** Resolves to whether the key is accepted. @throws Refusal `host-key-changed`, or why the question was not answered */
  async verify(key: Buffer): Promise<boolean> {
    // A key exchange after the first: nobody may be there to be asked, and nothing but the same key will do.
    if (this.#accepted) return this.#accepted.equals(key)
    const { host, port } = this.#hop
    this.#caller.passage.hostKey = fingerprint(key)
    if (this.#ask) {
      const answer = await this.#ask({
        kind: 'host-key',
        host,
        port,
        type: keyType(key),
        key: key.toString('base64'),
        fingerprint: fingerprint(key),
      })
      this.#judged = 'answered'
      if (answer.kind !== 'host-key' || answer.accept !== true || this.#caller.signal.aborted) return false
    } else {
      const judgement = await this.#knownHosts.judge(host, port, key)
      if (judgement === 'changed') throw new Refusal('host-key-changed', { phase: 'host-key' })
      this.#judged = judgement
    }
    this.#accepted = Buffer.from(key)
    return true
  }

  /** Keeps a new key; to be called only when the server has proved that it holds it. */
  async remember(): Promise<void> {
    if (this.#judged !== 'new' || !this.#accepted) return
    await this.#knownHosts.add(this.#hop.host, this.#hop.port, this.#accepted)
  }
}
