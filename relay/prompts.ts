import { randomBytes } from 'node:crypto'
import { Refusal } from '../shared/failure.ts'
import type { Answer, Prompt } from '../shared/protocol.ts'

interface Open {
  prompt: Prompt
  expiresAt: number
  settle(answer: Answer | Refusal): void
}

/** What a prompt looks like on its way to the browser. */
export interface PromptMessage {
  promptId: string
  /** Milliseconds left to answer. */
  expiresInMs: number
  prompt: Prompt
}

/**
 * The questions of one session that wait for an answer. They belong to the session, not to a socket: whoever attaches
 * is asked again, and the first answer counts.
 */
export class Prompts {
  readonly #open = new Map<string, Open>()
  readonly #send: (message: PromptMessage) => void
  readonly #expiresMs: number

  constructor(options: { expiresMs: number; send: (message: PromptMessage) => void }) {
    this.#send = options.send
    this.#expiresMs = options.expiresMs
  }

  get size(): number {
    return this.#open.size
  }

  /**
   * Asks and waits.
   * @throws Refusal `no-answer` after the time for an answer, or what `cancel` was given
   */
  ask(prompt: Prompt): Promise<Answer> {
    const promptId = randomBytes(16).toString('hex')
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => open.settle(new Refusal('no-answer')), this.#expiresMs)
      const open: Open = {
        prompt,
        expiresAt: performance.now() + this.#expiresMs,
        settle: (answer) => {
          clearTimeout(timer)
          this.#open.delete(promptId)
          if (answer instanceof Refusal) reject(answer)
          else resolve(answer)
        },
      }
      this.#open.set(promptId, open)
      this.#send(this.#message(promptId, open))
    })
  }

  /** Whether a question still waits for its answer. */
  isOpen(promptId: string): boolean {
    return this.#open.has(promptId)
  }

  /** @throws Refusal `no-prompt` for a question that is not open, `bad-request` for an answer of another kind */
  answer(promptId: string, answer: Answer): void {
    const open = this.#open.get(promptId)
    if (!open) throw new Refusal('no-prompt')
    if (answer.kind !== 'cancel' && answer.kind !== open.prompt.kind) throw new Refusal('bad-request')
    open.settle(answer)
  }

  /** Sends every open question again. */
  repeat(): void {
    for (const [promptId, open] of this.#open) this.#send(this.#message(promptId, open))
  }

  /** Ends every open question with a refusal. */
  cancel(refusal: Refusal): void {
    for (const open of [...this.#open.values()]) open.settle(refusal)
  }

  #message(promptId: string, open: Open): PromptMessage {
    return { promptId, expiresInMs: Math.max(0, Math.round(open.expiresAt - performance.now())), prompt: open.prompt }
  }
}
