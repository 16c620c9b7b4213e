const encodings = [1005, 1006, 1015, 1016]
/** The modes that show the alternate screen. */
const alternates = [47, 1047, 1049]
/** UTF-16 units of a title and of a directory that are kept. */
const LENGTH = 4096

/** What is needed of the parser of an xterm, whether on a page or headless; handlers that return false let others follow. */
interface Parser {
  registerCsiHandler(
    id: { prefix?: string; intermediates?: string; final: string },
    handle: (params: (number | number[])[]) => boolean,
  ): { dispose(): void }
  registerEscHandler(id: { final: string }, handle: () => boolean): { dispose(): void }
  registerOscHandler(ident: number, handle: (data: string) => boolean): { dispose(): void }
}

/** What a snapshot by xterm's serialize add-on leaves out: cursor, mouse encoding, scroll region, title, directory. */
export class Modes {
  readonly #handlers: { dispose(): void }[]
  #hidden = false
  #encoding: number | undefined
  /** Each screen has a scroll region of its own; that of the alternate screen ends with it. */
  #region: string | undefined
  #alternate: { region: string | undefined } | undefined
  /** Data of OSC 2 and OSC 7. */
  #title = ''
  #directory = ''

  constructor(parser: Parser) {
    // `false` lets xterm's own handler do its work as well.
    const reset = () => {
      this.reset()
      return false
    }
    const set = (on: boolean) => (params: (number | number[])[]) => {
      for (const mode of params) {
        if (mode === 25) this.#hidden = !on
        else if (typeof mode !== 'number') continue
        else if (encodings.includes(mode)) this.#encoding = on ? mode : undefined
        else if (alternates.includes(mode))
          this.#alternate = on ? (this.#alternate ?? { region: undefined }) : undefined
      }
      return false
    }
    const titled = (title: string) => {
      this.#title = title.slice(0, LENGTH)
      return false
    }
    this.#handlers = [
      parser.registerCsiHandler({ prefix: '?', final: 'h' }, set(true)),
      parser.registerCsiHandler({ prefix: '?', final: 'l' }, set(false)),
      parser.registerCsiHandler({ final: 'r' }, (params) => {
        const region = params.length > 0 ? params.flat().join(';') : undefined
        if (this.#alternate) this.#alternate.region = region
        else this.#region = region
        return false
      }),
      parser.registerCsiHandler({ intermediates: '!', final: 'p' }, reset),
      parser.registerEscHandler({ final: 'c' }, () => {
        this.#alternate = undefined
        return reset()
      }),
      parser.registerOscHandler(0, titled),
      parser.registerOscHandler(2, titled),
      parser.registerOscHandler(7, (directory) => {
        this.#directory = directory.slice(0, LENGTH)
        return false
      }),
    ]
  }

  /** All modes as after a reset; a new size takes back the scroll region too. */
  reset(): void {
    this.#hidden = false
    this.#encoding = undefined
    this.resized()
  }

  resized(): void {
    this.#region = undefined
    if (this.#alternate) this.#alternate.region = undefined
  }

  get cursorHidden(): boolean {
    return this.#hidden
  }

  /** Escape sequences that set them again; the cursor stays where it is. */
  sequences(): string {
    const set = this.#alternate ? this.#alternate.region : this.#region
    const region = set === undefined ? '' : `\u001b7\u001b[${set}r\u001b8`
    const encoding = this.#encoding === undefined ? '' : `\u001b[?${this.#encoding}h`
    const title = this.#title === '' ? '' : `\u001b]2;${this.#title}\u0007`
    const directory = this.#directory === '' ? '' : `\u001b]7;${this.#directory}\u0007`
    return region + encoding + (this.#hidden ? '\u001b[?25l' : '') + title + directory
  }

  dispose(): void {
    for (const handler of this.#handlers) handler.dispose()
  }
}
