import { type ReadonlySignal, signal } from '@preact/signals'
import type { Attributes } from '../../../shared/protocol.ts'
import { Failed } from '../failure.ts'
import type { Drafts } from './drafts.ts'
import {
  type Encoding,
  encodingNames,
  evenLineEnds,
  type LineEnd,
  type ReadText,
  readText,
  type TextFormat,
  unwritable,
  writeText,
} from './encoding.ts'
import { fingerprintOf } from './fingerprint.ts'
import { type Files, RemoteFile } from './remoteFile.ts'
import { Hindered, lookAt, type Obstacle, overwriteFile, replaceFile, type Seen, stillIs } from './replaceFile.ts'
import type { TextEditor } from './textEditor.ts'

/** Bytes of a text that can be edited; what is larger is shown in parts. */
export const mostEdited = 4 * 1024 * 1024

/** What must be decided before a text is saved. */
export type SaveQuestion =
  | { kind: 'changed'; attributes: Attributes }
  | { kind: 'gone' }
  | { kind: 'compare'; mine: string; theirs: string }
  | { kind: 'in-place'; obstacle: Obstacle; mine: boolean }

/** What a person decides: their contents, those of the host, a look at both, writing into the file, or not to save now. */
export type SaveAnswer = 'mine' | 'theirs' | 'compare' | 'in-place' | 'cancel'

/** What a text is made from. */
export interface TextSource {
  files: Files
  drafts: Drafts
  /** Whose file it is, and its path: names the draft. */
  id: string
  path: string
  data: Uint8Array
  attributes: Attributes
  /** Told of what could not be kept behind the scenes. */
  report(error: unknown): void
}

/** Milliseconds without a key after which a draft is kept. */
const pause = 400

/** A whole text of the host, to be read and edited. What is not saved is kept as a draft until it is. */
export class TextFile {
  readonly path: string
  /** Whether there is something to save. */
  readonly changed = signal(false)
  readonly saving = signal(false)
  readonly question = signal<SaveQuestion | undefined>(undefined)
  /** When the draft was kept that is shown instead of what the host has, in milliseconds since 1970. */
  readonly restored = signal<number | undefined>(undefined)
  readonly format: ReadonlySignal<TextFormat>
  /** Whether writing it unchanged would give the bytes that were read: else it is not to be edited as it is. */
  readonly keeps: ReadonlySignal<boolean>

  readonly #source: TextSource
  readonly #format = signal<TextFormat>({ encoding: 'utf-8', lineEnd: 'lf' })
  readonly #keeps = signal(true)
  #data: Uint8Array
  #attributes: Attributes
  #seen: Seen
  #text = ''
  /** As it was read or last saved. */
  #base = ''
  #baseFormat: TextFormat = this.#format.peek()
  #editor: TextEditor | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #keeping: Promise<void> = Promise.resolve()

  /** Reads a text, and brings back the draft that there may be of it. Rejects with `StoreFailure`. */
  static async open(source: TextSource): Promise<TextFile> {
    const file = new TextFile(source)
    const draft = await source.drafts.get(source.id)
    if (!draft) return file
    file.#seen = { size: draft.size, sha256: draft.sha256 }
    file.#format.value = { encoding: draft.encoding, lineEnd: draft.lineEnd }
    file.#text = draft.text
    file.#keeps.value = true
    file.changed.value = true
    file.restored.value = draft.keptAt
    return file
  }

  private constructor(source: TextSource) {
    this.#source = source
    this.path = source.path
    this.#data = source.data
    this.#attributes = source.attributes
    this.#seen = seen(source.data)
    this.format = this.#format
    this.keeps = this.#keeps
    this.#take(readText(source.data))
  }

  /** The text as it stands. */
  get text(): string {
    return this.#editor?.snapshot().text ?? this.#text
  }

  /** The text as it was read or last saved. */
  get base(): string {
    return this.#base
  }

  /** An editor shows it from now on. Returns what lets go of it; the text stays here. */
  attach(editor: TextEditor): () => void {
    this.#editor = editor
    return () => {
      if (this.#editor !== editor) return
      this.#text = editor.snapshot().text
      this.#editor = undefined
    }
  }

  /** The editor says that the text was edited. @param changed whether it differs from what was read or saved */
  edited(changed: boolean): void {
    this.changed.value = changed || !alike(this.#format.peek(), this.#baseFormat)
    if (!this.changed.peek() && this.restored.peek() !== undefined) this.#forgetDraft()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.keep(), pause)
  }

  /** Keeps the draft now, or removes it where there is nothing to save. */
  keep(): Promise<void> {
    clearTimeout(this.#timer)
    const { drafts, id, report } = this.#source
    const draft = this.changed.peek()
      ? { id, text: this.text, ...this.#format.peek(), ...this.#seen, keptAt: Date.now() }
      : undefined
    this.#keeping = this.#keeping
      .then(() => (draft ? drafts.keep(draft) : drafts.remove(id)))
      .catch((error: unknown) => report(error))
    return this.#keeping
  }

  /** Reads the bytes in another encoding, or where there is something to save, will write it so. */
  setEncoding(encoding: Encoding): void {
    if (this.changed.peek()) this.#write({ ...this.#format.peek(), encoding })
    else {
      this.#take(readText(this.#data, encoding))
      this.#editor?.show(this.#text, false)
    }
  }

  /** Ends every line in another way when it is saved. */
  setLineEnd(lineEnd: Exclude<LineEnd, 'mixed'>): void {
    const mixed = this.#format.peek().lineEnd === 'mixed'
    if (mixed) {
      this.#text = evenLineEnds(this.text)
      this.#editor?.show(this.#text, true)
    }
    this.#write({ ...this.#format.peek(), lineEnd })
  }

  /** Puts back what was read or last saved. */
  async discard(): Promise<void> {
    this.#forgetDraft()
    this.#text = this.#base
    this.#format.value = this.#baseFormat
    this.#editor?.show(this.#base, false)
    this.changed.value = false
    await this.keep()
  }

  /**
   * Saves it where the host still has what was read; else it asks by `question`. Rejects with `Failed`.
   * @param how `mine` is whatever the host has now, `inPlace` into the file where it is
   */
  async save(how: { mine?: boolean; inPlace?: boolean } = {}): Promise<void> {
    if (this.saving.peek()) return
    const format = this.#format.peek()
    const { text, state } = this.#editor?.snapshot() ?? { text: this.#text, state: undefined }
    const foreign = unwritable(text, format.encoding)
    if (foreign !== undefined) throw notIn(foreign, format.encoding)
    const data = writeText(text, format)
    this.saving.value = true
    try {
      await this.#save(data, how)
      this.#data = data
      this.#seen = seen(data)
      this.#base = text
      this.#baseFormat = format
      this.#keeps.value = true
      this.restored.value = undefined
      this.#editor?.mark(state)
      this.changed.value = (this.#editor?.snapshot().text ?? text) !== text
      await this.keep()
    } catch (error) {
      if (error instanceof Hindered) {
        this.question.value = { kind: 'in-place', obstacle: error.obstacle, mine: how.mine ?? false }
      } else if (error !== asked) throw error
    } finally {
      this.saving.value = false
    }
  }

  /** Answers the question that is open. Rejects with `Failed`. */
  async answer(answer: SaveAnswer): Promise<void> {
    const question = this.question.peek()
    this.question.value = undefined
    switch (answer) {
      case 'mine':
        return this.save({ mine: true })
      case 'in-place':
        return this.save({ mine: question?.kind === 'in-place' && question.mine, inPlace: true })
      case 'theirs':
        return this.reload()
      case 'compare': {
        const theirs = readText(await this.#read(), this.#format.peek().encoding)
        this.question.value = { kind: 'compare', mine: this.text, theirs: theirs.text }
        return
      }
      case 'cancel':
        return
    }
  }

  /** Reads again what the host has, in the place of what is here. Rejects with `Failed`. */
  async reload(): Promise<void> {
    const data = await this.#read()
    this.#data = data
    this.#seen = seen(data)
    this.#take(readText(data))
    this.restored.value = undefined
    this.#editor?.show(this.#text, false)
    this.changed.value = false
    await this.keep()
  }

  async #save(data: Uint8Array, { mine, inPlace }: { mine?: boolean; inPlace?: boolean }): Promise<void> {
    const { files, path } = this.#source
    const contents = { size: data.length, pieces: () => [data] }
    const now = mine ? await lookAt(files, path) : await stillIs(files, path, this.#seen)
    if (!mine && now.state === 'gone') this.#ask({ kind: 'gone' })
    if (!mine && now.state === 'changed') this.#ask({ kind: 'changed', attributes: now.attributes })
    const before = now.state === 'gone' ? undefined : now.attributes
    this.#attributes =
      inPlace && before ? await overwriteFile(files, path, contents) : await replaceFile(files, path, contents, before)
  }

  #forgetDraft(): void {
    if (this.restored.peek() === undefined) return
    this.restored.value = undefined
    this.#seen = seen(this.#data)
  }

  #ask(question: SaveQuestion): never {
    this.question.value = question
    throw asked
  }

  /** What the file is on the host, as far as is known. */
  get attributes(): Attributes {
    return this.#attributes
  }

  async #read(): Promise<Uint8Array> {
    const file = new RemoteFile(this.#source.files, this.path)
    try {
      this.#attributes = await file.stat()
      const data = await file.read(0, mostEdited + 1)
      if (data.length > mostEdited) throw tooLarge()
      return data
    } finally {
      await file.close()
    }
  }

  #take({ text, encoding, lineEnd, keeps }: ReadText): void {
    this.#text = text
    this.#base = text
    this.#format.value = { encoding, lineEnd }
    this.#baseFormat = this.#format.peek()
    this.#keeps.value = keeps
  }

  #write(format: TextFormat): void {
    this.#format.value = format
    this.edited(this.text !== this.#base)
  }
}

/** Thrown where a question stands in the way of saving. */
const asked = new Error('The person is asked first')

function seen(data: Uint8Array): Seen {
  return { size: data.length, sha256: fingerprintOf(data) }
}

function alike(a: TextFormat, b: TextFormat): boolean {
  return a.encoding === b.encoding && a.lineEnd === b.lineEnd
}

function notIn(character: string, encoding: Encoding): Failed {
  return new Failed({
    message: `“${character}” cannot be written in ${encodingNames[encoding]}`,
    remedy: 'Choose UTF-8 at the foot of the file, or take the character out. Nothing was saved.',
    retry: false,
    code: 'unwritable',
  })
}

function tooLarge(): Failed {
  return new Failed({
    message: 'The file has grown too large to be edited here',
    remedy: 'Download it, or open it in a program of this device.',
    retry: false,
    code: 'too-large',
  })
}
