import type { IDisposable, IParser } from '@xterm/xterm'

const encodings = [1005, 1006, 1015, 1016]

/** The modes that a snapshot by xterm's serialize add-on leaves out: cursor, mouse encoding, scroll region. */
export class Modes {
  readonly #handlers: IDisposable[]
  #hidden = false
  #encoding: number | undefined
  #region: string | undefined

  constructor(parser: IParser) {
    // `false` lets xterm's own handler do its work as well.
    const reset = () => {
      this.reset()
      return false
    }
    const set = (on: boolean) => (params: (number | number[])[]) => {
      for (const mode of params) {
        if (mode === 25) this.#hidden = !on
        else if (typeof mode === 'number' && encodings.includes(mode)) this.#encoding = on ? mode : undefined
      }
      return false
    }
    this.#handlers = [
      parser.registerCsiHandler({ prefix: '?', final: 'h' }, set(true)),
      parser.registerCsiHandler({ prefix: '?', final: 'l' }, set(false)),
      parser.registerCsiHandler({ final: 'r' }, (params) => {
        this.#region = params.length > 0 ? params.flat().join(';') : undefined
        return false
      }),
      parser.registerCsiHandler({ intermediates: '!', final: 'p' }, reset),
      parser.registerEscHandler({ final: 'c' }, reset),
    ]
  }

  /** All as after a reset; a new size takes back the scroll region too. */
  reset(): void {
    this.#hidden = false
    this.#encoding = undefined
    this.#region = undefined
  }

  resized(): void {
    this.#region = undefined
  }

  /** Escape sequences that set them again; the cursor stays where it is. */
  sequences(): string {
    const region = this.#region === undefined ? '' : `\u001b7\u001b[${this.#region}r\u001b8`
    const encoding = this.#encoding === undefined ? '' : `\u001b[?${this.#encoding}h`
    return region + encoding + (this.#hidden ? '\u001b[?25l' : '')
  }

  dispose(): void {
    for (const handler of this.#handlers) handler.dispose()
  }
}

/**
 * Takes back what a program that has gone left on (CHECKS T-ESC-05): an open sequence (CAN), the alternate screen, soft
 * state (DECSTR), mouse and focus reports, bracketed paste, keypad and cursor keys. What is shown stays, and so does the
 * cursor: DECOM (6) sends it home and 1049 to where it was saved, so it is saved first.
 */
export const settling = `\u0018\u001b7\u001b[?6l\u001b[?1049l\u001b[!p\u001b[?9;1000;1002;1003;1004;1005;1006;1015;1016;2004;1;66l\u001b[?7h\u001b[?25h\u001b[4l\u001b[0m\u001b(B`
