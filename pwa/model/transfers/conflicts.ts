import { type ReadonlySignal, signal } from '@preact/signals'
import type { Existing } from '../out/goal.ts'
import type { Choice, Conflict } from './transferView.ts'

interface Asked {
  transferId: string
  resolve(choice: Choice): void
  conflict: Conflict
}

/** The questions about files that are there already: asked one after the other, however many files wait. */
export class Conflicts {
  readonly #open = signal<readonly Asked[]>([])
  readonly #shown = signal<Conflict | undefined>(undefined)

  /** The question that is to be answered now. */
  get conflict(): ReadonlySignal<Conflict | undefined> {
    return this.#shown
  }

  /** Whether a question of this transfer is open. */
  asks(transferId: string): boolean {
    return this.#open.value.some((asked) => asked.transferId === transferId)
  }

  /**
   * Asks, and resolves with what the person says. Rejects with the reason of the abort.
   * @param forAll is told where it holds for all files of the transfer
   */
  ask(
    question: { transferId: string; path: string; there: Existing; ours: Existing; choices: readonly Choice[] },
    forAll: (choice: Choice) => void,
    abort: AbortSignal,
  ): Promise<Choice> {
    return new Promise((resolve, reject) => {
      if (abort.aborted) return reject(abort.reason)
      const over = () => {
        abort.removeEventListener('abort', aborted)
        this.#set(this.#open.peek().filter((other) => other !== asked))
      }
      const aborted = () => {
        over()
        reject(abort.reason)
      }
      const asked: Asked = {
        transferId: question.transferId,
        resolve: (choice) => {
          over()
          resolve(choice)
        },
        conflict: {
          ...question,
          answer: (choice, all) => {
            if (!this.#open.peek().includes(asked)) return
            if (all) forAll(choice)
            const same = all
              ? this.#open.peek().filter(({ transferId }) => transferId === question.transferId)
              : [asked]
            for (const one of same) one.resolve(choice)
          },
        },
      }
      abort.addEventListener('abort', aborted)
      this.#set([...this.#open.peek(), asked])
    })
  }

  #set(open: readonly Asked[]): void {
    this.#open.value = open
    this.#shown.value = open[0]?.conflict
  }
}
