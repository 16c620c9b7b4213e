const ESC = 0x1b
/** The C1 control characters that open a sequence, as UTF-8 writes them: this byte, then the one of `ESC` plus 0x40. */
const C1 = 0xc2

/**
 * Where a parser stands: in text, behind ESC, in a control sequence, or in a string: of an operating system command, which
 * BEL ends too, of a device, or one (SOS, PM, APC) that is ignored up to its end or its first character beyond ASCII.
 */
type State = 'text' | 'escape' | 'control' | 'osc' | 'dcs' | 'ignored'

/** What brings a parser into a string of which nothing comes, so that the rest of one is not taken for text. */
const openings: Partial<Record<State, string>> = { osc: '\u001b]9999;', dcs: '\u001bP9999z', ignored: '\u001b_' }

/**
 * Follows output and says where it stands: only between two characters and sequences can a screen be drawn from a snapshot
 * and go on (ECMA-48 §5.3–5.6, UTF-8 after RFC 3629 §3). What comes before is taken to be whole.
 */
export class Boundary {
  #state: State = 'text'
  /** The last bytes, in which a character may have begun. */
  #last: Uint8Array = new Uint8Array(0)

  /** Goes on behind these bytes. @returns whether all of them stand in a string that began before them and goes on */
  pass(data: Uint8Array): boolean {
    const inside = this.opening !== ''
    // Whatever came before, this opens a new sequence.
    const opener = lastOpener(data)
    for (let at = Math.max(0, opener); at < data.length; at++) {
      if (this.#state === 'text' && at > opener + 1) break
      this.#step(data[at] ?? 0, data[at - 1] ?? this.#last.at(-1) ?? 0)
    }
    this.#last = data.length >= 4 ? data.slice(-4) : Uint8Array.from([...this.#last, ...data]).slice(-4)
    return inside && opener < 0 && this.opening !== ''
  }

  /** True between two characters and outside of every sequence. */
  get whole(): boolean {
    return this.#state === 'text' && !insideCharacter(this.#last)
  }

  /** A sequence behind which the rest of the string that is open has no effect; empty outside of strings. */
  get opening(): string {
    return openings[this.#state] ?? ''
  }

  /** One that stands where this does. */
  copy(): Boundary {
    const copy = new Boundary()
    copy.#state = this.#state
    copy.#last = this.#last
    return copy
  }

  #step(byte: number, before: number): void {
    if (byte === ESC) this.#state = 'escape'
    // CAN and SUB end whatever there is.
    else if (byte === 0x18 || byte === 0x1a) this.#state = 'text'
    else if (before === C1 && byte >= 0x80 && byte <= 0x9f) this.#open(byte - 0x40)
    else if (this.#state === 'osc') {
      if (byte === 0x07) this.#state = 'text'
    } else if (byte === C1 || byte === 0x7f) return
    else if (this.#state === 'escape') {
      // Intermediates stand before the final byte, and controls are obeyed on the way.
      if (byte >= 0x30) this.#open(byte)
    } else if (this.#state === 'control') {
      if (byte >= 0x40) this.#state = 'text'
    } else if (this.#state === 'ignored' && byte >= 0x80) this.#state = 'text'
  }

  /** A sequence begins as its second byte says. */
  #open(byte: number): void {
    if (byte === 0x5b) this.#state = 'control'
    else if (byte === 0x5d) this.#state = 'osc'
    else if (byte === 0x50) this.#state = 'dcs'
    else this.#state = byte === 0x58 || byte === 0x5e || byte === 0x5f ? 'ignored' : 'text'
  }
}

/** Where the last sequence begins; -1 where none does. */
function lastOpener(data: Uint8Array): number {
  const found = data.lastIndexOf(ESC)
  let at = data.lastIndexOf(C1)
  while (at > found) {
    const next = data[at + 1] ?? 0
    if (next >= 0x80 && next <= 0x9f) return at
    at = at === 0 ? -1 : data.lastIndexOf(C1, at - 1)
  }
  return found
}

/** The lead byte says how many follow. */
function insideCharacter(data: Uint8Array): boolean {
  for (let back = 1; back <= Math.min(4, data.length); back++) {
    const byte = data[data.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return back < length
  }
  return false
}
