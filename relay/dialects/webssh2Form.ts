import { randomUUID } from 'node:crypto'
import type { Socket } from 'socket.io'
import type { Webssh2Message } from './webssh2Events.ts'
import { declined, inputPrompt } from './webssh2Prompt.ts'

/** The Engine.IO protocol of clients that were made before there was `prompt`. */
const FORMER = 3

/**
 * The login form that the relay puts to a client, instead of waiting for what the page knows: where the operator wants
 * every question asked and has said where to. Today's clients get a `prompt`; former ones an `authentication`, which they
 * answer by `authenticate` with `responses`.
 */
export class Webssh2Form {
  readonly #socket: Socket
  #open: string | undefined

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** @param ms to fill it in */
  ask(ms: number): void {
    const title = 'SSH Authentication'
    const message = 'Please provide your credentials'
    if (this.#socket.conn.protocol === FORMER) {
      this.#socket.emit('authentication', {
        action: 'keyboard-interactive',
        name: title,
        instructions: message,
        prompts: [
          { prompt: 'Username: ', echo: true },
          { prompt: 'Password: ', echo: false },
        ],
      })
      return
    }
    const id = randomUUID()
    this.#open = id
    const prompt = inputPrompt({
      id,
      title,
      message,
      timeout: ms,
      inputs: [
        { id: 'username', label: 'Username', type: 'text', required: true },
        { id: 'password', label: 'Password', type: 'password', required: false },
      ],
    })
    this.#socket.emit('prompt', prompt)
  }

  /** What was filled in, once; undefined for an answer to something else. */
  take(answer: Webssh2Message<'prompt-response'>): { username: string; password: string } | 'cancelled' | undefined {
    if (this.#open === undefined || answer.id !== this.#open) return undefined
    this.#open = undefined
    if (declined(answer)) return 'cancelled'
    return { username: answer.inputs?.username ?? '', password: answer.inputs?.password ?? '' }
  }
}
