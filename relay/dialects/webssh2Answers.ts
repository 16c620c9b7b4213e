import type { Socket } from 'socket.io'
import { Refusal } from '../../shared/failure.ts'
import type { Answer, Prompt, ServerPayload } from '../../shared/protocol.ts'
import type { Config } from '../config.ts'
import { fingerprint } from '../fingerprint.ts'
import type { KnownHosts } from '../knownHosts.ts'
import type { Webssh2Message } from './webssh2Events.ts'
import { declined, inputPrompt } from './webssh2Prompt.ts'

type HostKey = Extract<Prompt, { kind: 'host-key' }>
type Question = Extract<Prompt, { kind: 'keyboard-interactive' | 'password-change' }>

/** What answers are made from. */
export interface AnswersOptions {
  socket: Socket
  knownHosts: KnownHosts
  hostKeys: Config['webssh2HostKeys']
  /** What a client may log in with. */
  methods: Config['webssh2Methods']
  password: string | undefined
  /** Whether the client wants every question, also the one that the password answers. */
  forwardAll: boolean
  /** Where an answer goes; one that comes too late may throw. */
  answer(promptId: string, answer: Answer): void
}

/**
 * Answers the prompts of one login: with what the client gave at once, from the host keys that the relay keeps, or by
 * asking the client in the words of WebSSH2.
 */
export class Webssh2Answers {
  /** Why the login failed, where this has answered no. */
  refusal: Refusal | undefined
  readonly #options: Omit<AnswersOptions, 'password'>
  #password: string | undefined
  readonly #questions = new Map<string, Question>()
  #hostKey: { promptId: string; asked: HostKey } | undefined
  #kept: HostKey | undefined
  #passwordOffered = false
  #interactive = false
  #rounds = 0

  constructor({ password, ...options }: AnswersOptions) {
    this.#options = options
    this.#password = password
  }

  /** The login is over: its password is needed no more. */
  forget(): void {
    this.#password = undefined
  }

  /** Takes a prompt of the session. */
  async take({ promptId, expiresInMs, prompt }: ServerPayload<'ssh-prompt'>): Promise<void> {
    const { answer } = this.#options
    switch (prompt.kind) {
      case 'host-key':
        return this.#judge(promptId, prompt)
      case 'login':
        return answer(promptId, this.#login(prompt.methods))
      case 'keyboard-interactive': {
        if (!this.#allows('keyboard-interactive')) return answer(promptId, { kind: 'cancel' })
        if (prompt.prompts.length === 0) return answer(promptId, { kind: 'keyboard-interactive', responses: [] })
        const password = this.#ownAnswer(prompt.prompts)
        if (password) return answer(promptId, { kind: 'keyboard-interactive', responses: password })
        return this.#ask(promptId, prompt, expiresInMs)
      }
      case 'password-change':
        return this.#ask(promptId, prompt, expiresInMs)
    }
  }

  /** The client has answered; the 5.4.2 client does so twice, and the second time counts for nothing. */
  respond(given: Webssh2Message<'prompt-response'>): void {
    const { id, inputs } = given
    const question = this.#questions.get(id)
    if (!question || !this.#questions.delete(id)) return
    const { answer } = this.#options
    if (declined(given)) {
      this.refusal = refused('The login was cancelled')
      answer(id, { kind: 'cancel' })
      return
    }
    const input = (index: number) => inputs?.[`prompt_${index}`] ?? ''
    if (question.kind === 'password-change') answer(id, { kind: 'password-change', newPassword: input(0) })
    else answer(id, { kind: 'keyboard-interactive', responses: question.prompts.map((_, index) => input(index)) })
  }

  /** The client has judged the host key that it was shown. */
  respondHostKey({ action }: Webssh2Message<'hostkey:verify-response'>): void {
    const open = this.#hostKey
    this.#hostKey = undefined
    if (!open) return
    if (action === 'reject') {
      this.#refuseHostKey(open.promptId)
      return
    }
    this.#options.socket.emit('hostkey:verified', { ...described(open.asked), source: 'client' })
    this.#options.answer(open.promptId, { kind: 'host-key', accept: true })
  }

  /** The server has proved that it holds its key: a new one is kept from now on. */
  async remember(): Promise<void> {
    const kept = this.#kept
    if (kept) await this.#options.knownHosts.add(kept.host, kept.port, Buffer.from(kept.key, 'base64'))
  }

  async #judge(promptId: string, asked: HostKey): Promise<void> {
    const { socket, knownHosts, hostKeys, answer } = this.#options
    if (hostKeys === 'ask') {
      this.#hostKey = { promptId, asked }
      socket.emit('hostkey:verify', { ...described(asked), key: asked.key })
      return
    }
    const judgement = await knownHosts.judge(asked.host, asked.port, Buffer.from(asked.key, 'base64'))
    if (judgement === 'changed') {
      const [kept] = await knownHosts.kept(asked.host, asked.port, asked.type)
      socket.emit('hostkey:mismatch', {
        ...described(asked),
        presentedFingerprint: asked.fingerprint,
        storedFingerprint: kept ? fingerprint(kept) : 'unknown',
        source: 'server',
      })
      this.#refuseHostKey(promptId, 'host-key-changed')
      return
    }
    if (judgement === 'new' && hostKeys === 'known') {
      const reason = `The host key ${asked.fingerprint} of ${asked.host} is not one that the relay knows`
      socket.emit('hostkey:rejected', { ...described(asked), reason })
      this.#refuseHostKey(promptId)
      return
    }
    if (judgement === 'new') this.#kept = asked
    if (judgement === 'new') socket.emit('hostkey:alert', described(asked))
    else socket.emit('hostkey:verified', { ...described(asked), source: 'server' })
    answer(promptId, { kind: 'host-key', accept: true })
  }

  #refuseHostKey(promptId: string, code: 'host-key-refused' | 'host-key-changed' = 'host-key-refused'): void {
    this.refusal = new Refusal(code, { phase: 'host-key' })
    this.#options.answer(promptId, { kind: 'cancel' })
  }

  /** What was given has been refused or was held back: one try by questions, then no more. */
  #login(methods: readonly string[]): Answer {
    const password = this.#password
    const open = (method: Config['webssh2Methods'][number]) =>
      methods.includes(method) && this.#options.methods.includes(method)
    if (!this.#interactive && open('keyboard-interactive')) {
      this.#interactive = true
      return { kind: 'login' }
    }
    if (this.#options.forwardAll && password !== undefined && !this.#passwordOffered && open('password')) {
      this.#passwordOffered = true
      return { kind: 'login', password }
    }
    this.refusal = refused(`The server refused the login; it takes: ${methods.join(', ')}`)
    return { kind: 'cancel' }
  }

  /** A method that the operator has closed ends the login. */
  #allows(method: Config['webssh2Methods'][number]): boolean {
    if (this.#options.methods.includes(method)) return true
    this.#options.socket.emit('authFailure', methodDisabled(method))
    this.refusal = refused(`The relay does not take ${method} from clients of WebSSH2`)
    return false
  }

  /** In the first round a server that asks for nothing but the password has it already. */
  #ownAnswer(prompts: { text: string }[]): string[] | undefined {
    const password = this.#password
    this.#rounds += 1
    if (this.#rounds > 1 || this.#options.forwardAll || password === undefined) return undefined
    return prompts.every(({ text }) => /password/i.test(text)) ? prompts.map(() => password) : undefined
  }

  #ask(promptId: string, question: Question, expiresInMs: number): void {
    this.#questions.set(promptId, question)
    const inputs =
      question.kind === 'password-change'
        ? [{ label: 'New password', type: 'password' as const }]
        : question.prompts.map(({ text, echo }) => ({
            label: text,
            type: echo ? ('text' as const) : ('password' as const),
          }))
    const prompt = inputPrompt({
      id: promptId,
      title: (question.kind === 'keyboard-interactive' && question.name) || 'Authentication Required',
      message: question.kind === 'password-change' ? question.message : question.instructions,
      inputs: inputs.map((input, index) => ({ ...input, id: `prompt_${index}`, required: false })),
      timeout: expiresInMs,
    })
    this.#options.socket.emit('prompt', prompt)
  }
}

const described = ({ host, port, type, fingerprint }: HostKey) => ({ host, port, algorithm: type, fingerprint })

/** The payload of `authFailure`: a method that the operator has closed. */
export const methodDisabled = (method: string) => ({ error: 'auth_method_disabled', method })

const refused = (detail: string) => new Refusal('login-refused', { phase: 'login', detail })
