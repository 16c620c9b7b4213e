const encodings = [1005, 1006, 1015, 1016]
/** UTF-16 units of a title and of a directory that are kept. */
const LENGTH = 4096
/** UTF-16 units of the name of a colour that is kept. */
const COLOUR = 64

/** What is needed of the parser of an xterm, whether on a page or headless; handlers that return false let others follow. */
interface Parser {
  registerCsiHandler(
    id: { prefix?: string; intermediates?: string; final: string },
    handle: (params: (number | number[])[]) => boolean,
  ): { dispose(): void }
  registerEscHandler(id: { final: string }, handle: () => boolean): { dispose(): void }
  registerOscHandler(ident: number, handle: (data: string) => boolean): { dispose(): void }
}

/**
 * What a program has set and xterm's serialize add-on leaves out, as far as it can be heard: whether the cursor is hidden, the
 * encoding of mouse reports, colours, title, directory.
 */
export class Modes {
  readonly #handlers: { dispose(): void }[]
  #hidden = false
  #encoding: number | undefined
  /** Colours by the OSC that sets them: 10, 11 and 12, and `4;n` for one of the palette. */
  readonly #colours = new Map<string, string>()
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
      parser.registerCsiHandler({ intermediates: '!', final: 'p' }, reset),
      parser.registerEscHandler({ final: 'c' }, reset),
      parser.registerOscHandler(0, titled),
      parser.registerOscHandler(2, titled),
      parser.registerOscHandler(7, (directory) => {
        this.#directory = directory.slice(0, LENGTH)
        return false
      }),
      ...this.#followColours(parser),
    ]
  }

  /** The modes as after a reset, which leaves colours, title and directory. */
  reset(): void {
    this.#hidden = false
    this.#encoding = undefined
  }

  get cursorHidden(): boolean {
    return this.#hidden
  }

  /** Escape sequences that set them again; the cursor stays where it is. */
  sequences(): string {
    const encoding = this.#encoding === undefined ? '' : `\u001b[?${this.#encoding}h`
    const colours = [...this.#colours].map(([which, colour]) => osc(`${which};${colour}`)).join('')
    const title = this.#title === '' ? '' : osc(`2;${this.#title}`)
    const directory = this.#directory === '' ? '' : osc(`7;${this.#directory}`)
    return encoding + (this.#hidden ? '\u001b[?25l' : '') + colours + title + directory
  }

  dispose(): void {
    for (const handler of this.#handlers) handler.dispose()
  }
  /** OSC 4 sets colours of the palette, 10 those of text, background and cursor, as far as it names them; 104 and 110 take them back. */
  #followColours(parser: Parser): { dispose(): void }[] {
    const keep = (which: string, colour: string | undefined) => {
      if (colour && colour !== '?' && colour.length <= COLOUR) this.#colours.set(which, colour)
    }
    return [
      parser.registerOscHandler(4, (data) => {
        const parts = data.split(';')
        for (let at = 0; at + 1 < parts.length; at += 2) {
          const index = parts[at] ?? ''
          if (/^\d{1,3}$/.test(index) && Number(index) < 256) keep(`4;${Number(index)}`, parts[at + 1])
        }
        return false
      }),
      parser.registerOscHandler(104, (data) => {
        const which = data === '' ? [...this.#colours.keys()] : data.split(';').map((index) => `4;${Number(index)}`)
        for (const one of which) if (one.startsWith('4;')) this.#colours.delete(one)
        return false
      }),
      ...[10, 11, 12].flatMap((first) => [
        parser.registerOscHandler(first, (data) => {
          for (const [at, colour] of data
            .split(';')
            .slice(0, 13 - first)
            .entries())
            keep(String(first + at), colour)
          return false
        }),
        parser.registerOscHandler(100 + first, () => {
          this.#colours.delete(String(first))
          return false
        }),
      ]),
    ]
  }
}

const osc = (data: string) => `\u001b]${data}\u0007`
