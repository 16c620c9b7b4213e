import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type AppFailure, Failed } from '../failure.ts'
import { decodeText, type Encoding, encodingOf, evenLineEnds } from './encoding.ts'
import { type Files, RemoteFile } from './remoteFile.ts'
import type { TextEditor } from './textEditor.ts'

/** Bytes that are read at a time. */
const step = 1024 * 1024

/** Bytes of text that are held at once: beyond them the other end is let go. */
const mostHeld = 16 * step

/** The same while the end is followed, so that a chatty log does not fill the page. */
const mostFollowed = 4 * step

/** Bytes in which a line end is looked for where reading begins within a file. */
const toLineEnd = 64 * 1024

/** One stretch of the file, as the editor has it. */
interface Piece {
  from: number
  to: number
  /** Of its text. */
  characters: number
}

/** A text of the host of which a part is shown: from its beginning, from its end, and more of it on demand; or its end as it grows. */
export class TextPart {
  readonly path: string
  /** Bytes that the file has, as far as is known. */
  readonly size: ReadonlySignal<number>
  /** Which of them are shown. */
  readonly range = signal({ from: 0, to: 0 })
  readonly encoding: ReadonlySignal<Encoding>
  /** Whether the end is followed; `paused` while the person looks further up. */
  readonly following = signal<'off' | 'on' | 'paused'>('off')
  /** Why nothing comes at the moment. */
  readonly failure = signal<AppFailure | undefined>(undefined)
  readonly busy = signal(false)
  /** What happened to the file while it was followed, and when. */
  readonly turn = signal<{ kind: 'replaced' | 'cut' | 'skipped'; at: Date } | undefined>(undefined)

  readonly #files: Files
  readonly #file: RemoteFile
  readonly #size: Signal<number>
  readonly #encoding: Signal<Encoding>
  readonly #every: number
  #pieces: Piece[] = []
  #text = ''
  #editor: TextEditor | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false
  #working: Promise<unknown> = Promise.resolve()

  /**
   * @param head its first bytes, by which the encoding is told
   * @param every milliseconds between two looks at the end of a file that is followed
   */
  constructor(files: Files, path: string, size: number, head: Uint8Array, every = 1000) {
    this.#files = files
    this.#file = new RemoteFile(files, path)
    this.path = path
    this.#size = signal(size)
    this.#encoding = signal(encodingOf(head, head.length === size))
    this.size = this.#size
    this.encoding = this.#encoding
    this.#every = every
  }

  /** An editor shows it from now on. Returns what lets go of it. */
  attach(editor: TextEditor): () => void {
    this.#editor = editor
    return () => {
      if (this.#editor !== editor) return
      this.#text = editor.snapshot().text
      this.#editor = undefined
    }
  }

  /** The text that is shown. */
  get text(): string {
    return this.#editor?.snapshot().text ?? this.#text
  }

  /** Shows the beginning. Rejects with `Failed`. */
  showStart(): Promise<void> {
    return this.#alone(async () => {
      this.following.value = 'off'
      this.#clear(0)
      await this.#more()
      this.#editor?.scrollTo('start')
    })
  }

  /** Shows the end. Rejects with `Failed`. */
  showEnd(): Promise<void> {
    return this.#alone(() => this.#end())
  }

  /** Reads on after what is shown. Rejects with `Failed`. */
  more(): Promise<void> {
    return this.#alone(async () => void (await this.#more()))
  }

  /** Reads what stands before what is shown. Rejects with `Failed`. */
  earlier(): Promise<void> {
    return this.#alone(() => this.#earlier())
  }

  /** Reads the bytes in another encoding, from the beginning. */
  setEncoding(encoding: Encoding): Promise<void> {
    this.#encoding.value = encoding
    return this.following.peek() === 'off' ? this.showStart() : this.showEnd()
  }

  /** Shows the end, and what is added to it from now on. Rejects with `Failed`. */
  async follow(): Promise<void> {
    clearTimeout(this.#timer)
    await this.showEnd()
    this.following.value = 'on'
    this.#editor?.scrollTo('end')
    this.#next()
  }

  /** Ends that; what is shown stays. */
  unfollow(): void {
    clearTimeout(this.#timer)
    this.following.value = 'off'
    this.turn.value = undefined
    this.failure.value = undefined
  }

  /** The editor says whether the last line is in sight: while it is not, nothing is added. */
  inSight(end: boolean): void {
    if (this.following.peek() === 'off') return
    this.following.value = end ? 'on' : 'paused'
  }

  close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    return this.#file.close()
  }

  /** One look at a followed file; the next comes by itself. */
  #next(): void {
    clearTimeout(this.#timer)
    if (this.#closed || this.following.peek() === 'off') return
    this.#timer = setTimeout(async () => {
      if (this.following.peek() === 'on') {
        await this.#alone(() => this.#look()).then(
          () => {
            this.failure.value = undefined
          },
          (error: unknown) => {
            if (!(error instanceof Failed)) throw error
            this.failure.value = error.failure
          },
        )
      }
      this.#next()
    }, this.#every)
  }

  async #look(): Promise<void> {
    const { size: open = 0 } = await this.#file.stat()
    const named = await this.#named()
    if (open < this.range.peek().to) {
      this.#turn('cut')
      this.#clear(0, true)
    }
    this.#size.value = open
    await this.#catchUp(open)
    if (named === undefined || named === open) return
    // It may have grown or been emptied between the two looks: what is shorter than it is even now, or longer, is another file.
    const { size: now = 0 } = await this.#file.stat()
    if (named < open ? now < open : now !== open) return
    this.#turn('replaced')
    await this.#file.close()
    this.#clear(0, true)
    this.#size.value = named
    await this.#catchUp(named)
  }

  async #catchUp(size: number): Promise<void> {
    if (size - this.range.peek().to > mostFollowed) {
      this.#turn('skipped')
      await this.#end()
    }
    while (this.range.peek().to < size && this.following.peek() === 'on') if (!(await this.#more())) return
    this.#editor?.scrollTo('end')
  }

  /** The size that the file of this name has now; undefined where there is none, as between two turns of a log. */
  async #named(): Promise<number | undefined> {
    try {
      return (await this.#files.ask('sftp-stat', { path: this.path })).attributes.size
    } catch (error) {
      if (error instanceof Failed && error.failure.code === 'no-such-file') return undefined
      throw error
    }
  }

  #turn(kind: 'replaced' | 'cut' | 'skipped'): void {
    this.turn.value = { kind, at: new Date() }
  }

  /** @returns whether there was more */
  async #more(): Promise<boolean> {
    const { to } = this.range.peek()
    const data = await this.#file.read(to, step)
    this.#size.value = Math.max(this.#size.peek(), to + data.length)
    // What is written in two goes may be cut within a line end.
    const whole = data.length < step && this.following.peek() === 'off'
    const used = data.subarray(0, wholeCharacters(data, this.#encoding.peek(), whole))
    if (used.length === 0) return false
    this.#add('end', to, used)
    return true
  }

  async #earlier(): Promise<void> {
    const { from } = this.range.peek()
    if (from === 0) return
    const at = Math.max(0, from - step)
    const data = await this.#file.read(at, from - at)
    const skipped = at === 0 ? 0 : firstLine(data, this.#encoding.peek())
    this.#add('start', at + skipped, data.subarray(skipped))
  }

  async #end(): Promise<void> {
    const { size = 0 } = await this.#file.stat()
    this.#size.value = size
    const at = Math.max(0, size - step)
    const head = at === 0 ? new Uint8Array(0) : await this.#file.read(at, toLineEnd)
    this.#clear(at + (at === 0 ? 0 : firstLine(head, this.#encoding.peek())))
    while (this.range.peek().to < size) if (!(await this.#more())) break
    this.#editor?.scrollTo('end')
  }

  #add(at: 'start' | 'end', from: number, data: Uint8Array): void {
    const text = evenLineEnds(decodeText(data, this.#encoding.peek()))
    const piece = { from, to: from + data.length, characters: text.length }
    this.#pieces = at === 'end' ? [...this.#pieces, piece] : [piece, ...this.#pieces]
    const most = this.following.peek() === 'off' ? mostHeld : mostFollowed
    let drop = 0
    while (this.#pieces.length > 1 && held(this.#pieces) > most) {
      const gone = at === 'end' ? this.#pieces.shift() : this.#pieces.pop()
      drop += gone?.characters ?? 0
    }
    this.#merge()
    this.range.value = { from: this.#pieces[0]?.from ?? 0, to: this.#pieces.at(-1)?.to ?? 0 }
    if (this.#editor) this.#editor.extend(at, text, drop)
    else if (at === 'end') this.#text = this.#text.slice(drop) + text
    else this.#text = text + this.#text.slice(0, this.#text.length - drop)
  }

  /** Small pieces at the end become one, so that a log that grows by lines has few. */
  #merge(): void {
    const [before, last] = this.#pieces.slice(-2)
    if (!before || !last || last.to - before.from > step) return
    this.#pieces.splice(-2, 2, { from: before.from, to: last.to, characters: before.characters + last.characters })
  }

  /** @param keep whether the text stays, of which nothing is in the file any more */
  #clear(at: number, keep = false): void {
    const kept = keep ? this.#pieces.reduce((sum, { characters }) => sum + characters, 0) : 0
    this.#pieces = kept ? [{ from: at, to: at, characters: kept }] : []
    this.range.value = { from: at, to: at }
    if (keep) return
    this.#text = ''
    this.#editor?.show('', false)
  }

  /** One after the other, and told while it takes. */
  #alone(work: () => Promise<void>): Promise<void> {
    const done = this.#working.then(async () => {
      if (this.#closed) return
      this.busy.value = true
      try {
        await work()
      } finally {
        this.busy.value = false
      }
    })
    this.#working = done.catch(() => undefined)
    return done
  }
}

function held(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { characters }) => sum + characters, 0)
}

const wide = (encoding: Encoding) => encoding === 'utf-16le' || encoding === 'utf-16be'
const unit = (data: Uint8Array, at: number, encoding: Encoding) =>
  encoding === 'utf-16le' ? (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) : ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)

/** Bytes of whole characters and whole line ends that data begins with. @param last whether nothing follows */
export function wholeCharacters(data: Uint8Array, encoding: Encoding, last: boolean): number {
  if (wide(encoding)) {
    let end = data.length & ~1
    if (end && (unit(data, end - 2, encoding) & 0xfc00) === 0xd800) end -= 2
    else if (end && !last && unit(data, end - 2, encoding) === 13) end -= 2
    return end
  }
  let end = data.length
  if (encoding === 'utf-8' || encoding === 'utf-8-bom') end = wholeUtf8(data)
  return !last && end > 1 && data[end - 1] === 13 ? end - 1 : end
}

function wholeUtf8(data: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= data.length; back++) {
    const byte = data[data.length - back] ?? 0
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return length > back ? data.length - back : data.length
  }
  return data.length
}

/** Where the first whole character of data begins that was cut out of a text. */
function firstCharacter(data: Uint8Array, encoding: Encoding): number {
  if (wide(encoding)) return data.length & 1
  if (encoding !== 'utf-8' && encoding !== 'utf-8-bom') return 0
  let at = 0
  while (at < 4 && ((data[at] ?? 0) & 0xc0) === 0x80) at++
  return at
}

/** Where the first whole line begins; where there is none in reach, the first whole character. */
function firstLine(data: Uint8Array, encoding: Encoding): number {
  const start = firstCharacter(data, encoding)
  if (wide(encoding)) {
    for (let at = start; at + 1 < data.length; at += 2) if (unit(data, at, encoding) === 10) return at + 2
    return start
  }
  const end = data.indexOf(10)
  return end < 0 ? start : end + 1
}
