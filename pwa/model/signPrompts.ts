import type { Answer, OfferedKey, ServerMessage } from '../../shared/protocol.ts'
import { type AgentRequest, agentAlgorithm, readAgentRequest } from './agentRequest.ts'
import { Failed } from './failure.ts'
import { plainLine } from './plainText.ts'
import type { Asker } from './prompts.ts'
import type { Signatures } from './signatures.ts'
import type { SignPrompt } from './signer.ts'
import { type RefusalReason, SignRefused } from './signRefused.ts'
import { fromBase64, toBase64, WireError } from './sshWire.ts'

type Message = ServerMessage<'ssh-prompt'>
type AgentPrompt = Extract<Message['prompt'], { kind: 'agent-sign' }>

/** Whether to log in with a key that is not to be used unasked. */
export interface SignQuestion {
  kind: 'sign'
  host: string
  port: number
  username: string
  /** What the person calls the key. */
  key: string
}

/** Whether to sign for a program on a host to which the agent is forwarded. */
export interface AgentQuestion {
  kind: 'agent-sign'
  /** Who asks. */
  host: string
  port: number
  username: string
  key: string
  /** For a login: as whom, and the known hosts at which alone it is good, or undefined where it is good at any. */
  wants:
    | { kind: 'login'; username: string; hosts: readonly string[] | undefined }
    | { kind: 'message'; namespace: string }
}

interface Ports {
  signatures: Signatures
  /** The keys of a host, base64 blobs, that were accepted in the connect of the session. */
  hostKeys(asker: Asker, host: string, port: number): readonly string[]
  /** A request has been checked: the SSH session of the host has this id (base64). */
  checked(asker: Asker, host: string, port: number, sshSessionId: string): void
  /** The known hosts that have a key, a base64 blob, as they are named to a person. */
  hostsWith(key: string): readonly string[]
  /** Asks the person; false also where the question is given up. */
  confirm(asker: Asker, message: Message, question: SignQuestion | AgentQuestion): Promise<boolean>
}

interface Decision {
  answer: Promise<Answer>
  /** Who asked last. */
  asker: Asker
  /** Whether it is on its way to the person, or to the relay. */
  pending: boolean
}

/** Answers what relays want to have signed: without a word where the person has begun it, and after a question where not. */
export class SignPrompts {
  readonly #ports: Ports
  /** What was decided, by session and prompt, until the relay is known to have it: one that is asked again says the same. */
  readonly #decisions = new Map<string, Map<string, Decision>>()

  constructor(ports: Ports) {
    this.#ports = ports
  }

  /** Rejects with `Failed` where the answer did not reach the relay. */
  async ask(asker: Asker, message: Message): Promise<void> {
    const { sessionId } = asker
    const { promptId } = message
    const decisions = this.#decisions.get(sessionId) ?? new Map<string, Decision>()
    this.#decisions.set(sessionId, decisions)
    const decision = decisions.get(promptId) ?? { answer: this.#decide(asker, message), asker, pending: false }
    decisions.set(promptId, decision)
    decision.asker = asker
    if (decision.pending) return
    decision.pending = true
    const answer = await decision.answer
    try {
      await decision.asker.answer(promptId, answer)
    } catch (error) {
      decision.pending = false
      if (!(error instanceof Failed && error.failure.code === 'relay-lost')) decisions.delete(promptId)
      throw error
    }
    decisions.delete(promptId)
  }

  /** The session is connected, over, or elsewhere. */
  drop(sessionId: string): void {
    this.#decisions.delete(sessionId)
  }

  async #decide(asker: Asker, message: Message): Promise<Answer> {
    const { prompt } = message
    try {
      if (prompt.kind === 'sign') return await this.#login(asker, message, prompt)
      if (prompt.kind === 'agent-sign') return await this.#agent(asker, message, prompt)
    } catch (error) {
      // The connect ends here, whatever the relay makes of the answer.
      if (prompt.kind === 'sign') asker.fail(error)
      else if (error instanceof SignRefused) this.#ports.signatures.refuse(asker.relay, error)
      else if (!(error instanceof Failed)) throw error
    }
    return { kind: 'cancel' }
  }

  async #login(asker: Asker, message: Message, prompt: SignPrompt): Promise<Answer> {
    const { signatures, hostKeys, checked, confirm } = this.#ports
    const { sessionId, relay } = asker
    const accepted = hostKeys(asker, prompt.host, prompt.port)
    const allowed = await signatures.judge(sessionId, relay, prompt, accepted)
    const { host, port, username, key } = allowed
    checked(asker, host, port, allowed.sshSessionId)
    if (key.consent) {
      const agreed = await confirm(asker, message, { kind: 'sign', host, port, username, key: key.label })
      if (!agreed) throw new Failed('not-signed')
      signatures.prolong(sessionId)
    }
    return { kind: 'sign', signature: await allowed.sign() }
  }

  async #agent(asker: Asker, message: Message, prompt: AgentPrompt): Promise<Answer> {
    const { signatures, confirm } = this.#ports
    // The keys are lent to the last host of the way alone: a relay that names another would have the person think of that.
    const own = asker.way.at(-1)
    if (own?.host !== prompt.host || own.port !== prompt.port) throw new SignRefused('not-begun')
    const offered = asker.agentKeys().find((key) => [key.publicKey, key.certificate].includes(prompt.publicKey))
    if (!offered) throw new SignRefused('other-key')
    const { data, request } = readOrRefuse(prompt.data)
    const algorithm = agentAlgorithm(offered.algorithms, prompt.flags)
    if (algorithm === undefined) throw new SignRefused('other-algorithm')
    const problem = request.kind === 'login' ? mismatch(request.login, offered, prompt, algorithm) : undefined
    if (problem) throw new SignRefused(problem)
    const key = await signatures.signingKey(offered.publicKey)
    if (!key) throw new SignRefused('other-key')
    const { host, port, username } = prompt
    const agreed = await confirm(asker, message, {
      kind: 'agent-sign',
      host: plainLine(host, 1024),
      port,
      username: plainLine(username, 256),
      key: key.label,
      wants: this.#wants(request),
    })
    if (!agreed) throw new Failed('not-signed')
    return { kind: 'agent-sign', signature: toBase64(await key.sign(algorithm, data)) }
  }

  #wants(request: AgentRequest): AgentQuestion['wants'] {
    if (request.kind === 'message') return { kind: 'message', namespace: plainLine(request.namespace, 128) }
    const { username, hostKey } = request.login
    const hosts = hostKey && this.#ports.hostsWith(toBase64(hostKey))
    return { kind: 'login', username: plainLine(username, 256), hosts }
  }
}

function mismatch(
  login: Extract<AgentRequest, { kind: 'login' }>['login'],
  offered: OfferedKey,
  prompt: AgentPrompt,
  algorithm: string,
): RefusalReason | undefined {
  if (toBase64(login.publicKey) !== prompt.publicKey) return 'other-key'
  const certified = prompt.publicKey === offered.certificate
  const name = certified ? `${algorithm}-cert-v01@openssh.com` : algorithm
  return login.algorithm === name ? undefined : 'other-algorithm'
}

function readOrRefuse(text: string): { data: Uint8Array; request: AgentRequest } {
  try {
    const data = fromBase64(text)
    return { data, request: readAgentRequest(data) }
  } catch (error) {
    if (error instanceof WireError) throw new SignRefused('malformed', error)
    throw error
  }
}
