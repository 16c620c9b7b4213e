import { type ReadonlySignal, signal } from '@preact/signals'
import type { Answer, Prompt, ServerMessage } from '../../shared/protocol.ts'
import { Failed } from './failure.ts'
import { newId } from './id.ts'
import { fingerprint, judge, type KnownHosts, knownHostId } from './knownHosts.ts'
import { plainLine, plainText } from './plainText.ts'

type HostKeyPrompt = Extract<Prompt, { kind: 'host-key' }>

/** A host key that is not known, with what is. */
export interface HostKeyQuestion extends HostKeyPrompt {
  /** `changed`: other keys are known for this host, so it may be another machine. It cannot be accepted before `forget`. */
  judgement: 'new' | 'changed'
  known: readonly { type: string; fingerprint: string; addedAt: number }[]
}

/** Asked by the app itself, before it can ask a relay for anything. */
export interface UsernameQuestion {
  kind: 'username'
  host: string
  port: number
}

type Question = HostKeyQuestion | UsernameQuestion | Exclude<Prompt, HostKeyPrompt>
export type PromptAnswer = Answer | { kind: 'username'; username: string }

/** A question that waits for the person. */
export interface OpenPrompt {
  id: string
  tabId: string
  /** Who asks: the relay could lie, so a dialog names it. */
  relay: { id: string; label: string; url: string }
  /** Milliseconds since 1970. */
  expiresAt: number
  question: Question
}

/** The session, shell or SFTP, on whose behalf a relay asks. */
export interface Asker {
  sessionId: string
  tabId: string
  relay: OpenPrompt['relay']
  /** The relay's own SSH host, whose key came over its authenticated link. */
  builtInHost: { host: string; port: number; hostKey: string } | undefined
  /** Rejects with `Failed`. */
  answer(promptId: string, answer: Answer): Promise<void>
}

interface Asked {
  open: OpenPrompt
  sessionId: string
  promptId: string
  answer(answer: PromptAnswer): Promise<void>
}

/**
 * The questions that wait for the person, at most one a session, oldest first. Host keys are judged here: a known one is
 * answered silently, a new one is stored once the connect that asked has succeeded.
 */
export class Prompts {
  readonly #knownHosts: KnownHosts
  readonly #asked = signal<readonly Asked[]>([])
  readonly #open = signal<readonly OpenPrompt[]>([])
  /** Keys accepted by sessions that have not connected yet, by session id. */
  readonly #accepted = new Map<string, { id: string; type: string; key: string }[]>()
  /** The newest question of each session, from its arrival on: judging takes a turn or two. */
  readonly #arrived = new Map<string, string>()

  constructor(knownHosts: KnownHosts) {
    this.#knownHosts = knownHosts
  }

  get open(): ReadonlySignal<readonly OpenPrompt[]> {
    return this.#open
  }

  /** A relay's question. One that is sent again after an attach keeps its place; another of the same session replaces it. */
  async ask(asker: Asker, message: ServerMessage<'ssh-prompt'>): Promise<void> {
    const { prompt, promptId } = message
    const expiresAt = Date.now() + message.expiresInMs
    const before = this.#of(asker.sessionId)
    if (before?.promptId === promptId) {
      this.#put({
        ...before,
        open: { ...before.open, expiresAt },
        answer: (answer) => this.#send(asker, promptId, answer),
      })
      return
    }
    if (prompt.kind === 'host-key' && this.#knows(asker, prompt)) {
      await asker.answer(promptId, { kind: 'host-key', accept: true })
      return
    }
    this.#arrived.set(asker.sessionId, promptId)
    const question = prompt.kind === 'host-key' ? await this.#judged(asker, prompt) : shown(prompt)
    if (this.#arrived.get(asker.sessionId) !== promptId) return
    this.#put({
      open: { id: newId(), tabId: asker.tabId, relay: asker.relay, expiresAt, question },
      sessionId: asker.sessionId,
      promptId,
      answer: (answer) => this.#send(asker, promptId, answer),
    })
  }

  /** Asks for the user name of a target that has none; undefined where the person cancels. */
  askUsername(asker: Omit<Asker, 'answer'>, host: string, port: number): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#put({
        open: {
          id: newId(),
          tabId: asker.tabId,
          relay: asker.relay,
          expiresAt: Number.POSITIVE_INFINITY,
          question: { kind: 'username', host, port },
        },
        sessionId: asker.sessionId,
        promptId: '',
        answer: async (answer) => resolve(answer.kind === 'username' ? answer.username.trim() || undefined : undefined),
      })
    })
  }

  /** Answers a prompt, once. Rejects with `Failed`; it stays open if the relay could not be reached. */
  async answer(id: string, answer: PromptAnswer): Promise<void> {
    const asked = this.#asked.peek().find((one) => one.open.id === id)
    if (!asked) return
    const { question } = asked.open
    if (answer.kind === 'host-key') {
      if (question.kind !== 'host-key' || question.judgement !== 'new') return
      const knownId = knownHostId(question.host, question.port, asked.open.relay.id)
      const keys = this.#accepted.get(asked.sessionId) ?? []
      this.#accepted.set(asked.sessionId, [...keys, { id: knownId, type: question.type, key: question.key }])
    }
    try {
      await asked.answer(answer)
    } catch (error) {
      if (!(error instanceof Failed && error.failure.code === 'relay-lost')) this.#remove(asked)
      throw error
    }
    this.#remove(asked)
  }

  /** Ends the attempt that asked. */
  cancel(id: string): Promise<void> {
    return this.answer(id, { kind: 'cancel' })
  }

  /** Forgets the keys known for the host of a prompt about a changed key, which then is about a new one. */
  async forget(id: string): Promise<void> {
    const asked = this.#asked.peek().find((one) => one.open.id === id)
    if (asked?.open.question.kind !== 'host-key') return
    const { question, relay } = asked.open
    await this.#knownHosts.forget(knownHostId(question.host, question.port, relay.id))
    this.#put({ ...asked, open: { ...asked.open, question: { ...question, judgement: 'new', known: [] } } })
  }

  /** The session is connected, which proves the keys it accepted: they become known. Rejects with `StoreFailure`. */
  async connected(sessionId: string): Promise<void> {
    const keys = this.#accepted.get(sessionId) ?? []
    this.drop(sessionId)
    for (const { id, type, key } of keys) await this.#knownHosts.add(id, type, key)
  }

  /** The session is over, or another window has it: what it asked does not matter any more. */
  drop(sessionId: string): void {
    this.#accepted.delete(sessionId)
    this.#arrived.delete(sessionId)
    const asked = this.#of(sessionId)
    if (!asked) return
    this.#remove(asked)
    if (asked.open.question.kind === 'username') void asked.answer({ kind: 'cancel' })
  }

  #of(sessionId: string): Asked | undefined {
    return this.#asked.peek().find((one) => one.sessionId === sessionId)
  }

  #put(asked: Asked): void {
    const all = this.#asked.peek()
    const at = all.findIndex((one) => one.sessionId === asked.sessionId)
    this.#show(at < 0 ? [...all, asked] : all.with(at, asked))
  }

  #remove(asked: Asked): void {
    this.#show(this.#asked.peek().filter((one) => one.open.id !== asked.open.id))
  }

  #show(all: readonly Asked[]): void {
    this.#asked.value = all
    this.#open.value = all.map((one) => one.open)
  }

  #knows(asker: Asker, prompt: HostKeyPrompt): boolean {
    const { builtInHost, relay } = asker
    if (builtInHost && builtInHost.host === prompt.host && builtInHost.port === prompt.port) {
      return builtInHost.hostKey === prompt.key
    }
    return judge(this.#knownHosts.get(knownHostId(prompt.host, prompt.port, relay.id)), prompt.key) === 'known'
  }

  async #judged(asker: Asker, prompt: HostKeyPrompt): Promise<HostKeyQuestion> {
    const known = this.#knownHosts.get(knownHostId(prompt.host, prompt.port, asker.relay.id))
    return {
      ...prompt,
      host: plainLine(prompt.host, 1024),
      type: plainLine(prompt.type, 64),
      // The relay's word for it is taken only where this page cannot compute it.
      fingerprint: (await fingerprint(prompt.key)) ?? plainLine(prompt.fingerprint, 64),
      judgement: judge(known, prompt.key) === 'changed' || isBuiltIn(asker, prompt) ? 'changed' : 'new',
      known: await Promise.all(
        (known?.keys ?? []).map(async ({ type, key, addedAt }) => ({
          type,
          addedAt,
          fingerprint: (await fingerprint(key)) ?? '',
        })),
      ),
    }
  }

  async #send(asker: Asker, promptId: string, answer: PromptAnswer): Promise<void> {
    if (answer.kind !== 'username') await asker.answer(promptId, answer)
  }
}

function isBuiltIn({ builtInHost }: Asker, prompt: HostKeyPrompt): boolean {
  return builtInHost?.host === prompt.host && builtInHost.port === prompt.port
}

/** A question in which the server's own words are safe to show. */
function shown<P extends Exclude<Prompt, HostKeyPrompt>>(prompt: P): P {
  switch (prompt.kind) {
    case 'keyboard-interactive':
      return {
        ...prompt,
        name: plainLine(prompt.name, 256),
        instructions: plainText(prompt.instructions, 4096),
        prompts: prompt.prompts.map(({ text, echo }) => ({ text: plainText(text, 1024), echo })),
      }
    case 'password-change':
      return { ...prompt, message: plainText(prompt.message, 4096) }
    default:
      return prompt
  }
}
