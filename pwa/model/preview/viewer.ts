import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { Refusal } from '../../../shared/failure.ts'
import type { FileInfo } from '../../../shared/fileInfo.ts'
import type { Attributes } from '../../../shared/protocol.ts'
import { type AppFailure, Failed, failureOf } from '../failure.ts'
import { mostShown } from './bytesText.ts'
import type { Drafts } from './drafts.ts'
import { type FileKind, kindOf } from './kind.ts'
import { fits, mostPixels, type Pixels, pixelsOf } from './pixels.ts'
import { RangeSource } from './rangeSource.ts'
import { type Files, RemoteFile } from './remoteFile.ts'
import type { TextEditor } from './textEditor.ts'
import { mostEdited, TextFile } from './textFile.ts'
import { TextPart } from './textPart.ts'

/** What there is to be seen of a file. */
export type Content =
  | { kind: 'loading'; bytes: number; total: number }
  | { kind: 'failed'; failure: AppFailure }
  | { kind: 'text'; text: TextFile; drawing: boolean }
  | { kind: 'part'; part: TextPart }
  | { kind: 'image'; url: string; pixels: Pixels; size: number }
  | { kind: 'audio' | 'video' | 'pdf'; url: string; type: string }
  /** The first of them; `size` is that of the file. */
  | { kind: 'bytes'; data: Uint8Array; size: number; why?: string }

/** What a viewer needs of the app. */
export interface ViewerPorts {
  files: Files
  drafts: Drafts
  /** Whose files these are, e.g. `ssh://user@host:22`. */
  owner: string
  /** Told of what could not be kept behind the scenes. */
  report(error: unknown): void
}

/** Bytes by which the kind of a file is told. */
const headLength = 64 * 1024

/** Bytes of a picture, a sound or a document that are held in memory. */
const mostInMemory = 64 * 1024 * 1024

/** One file of a host that is looked at, and perhaps edited. It reads no more than is shown. */
export class Viewer {
  readonly file: FileInfo
  /** Whether text may be edited now. */
  readonly editing = signal(false)
  readonly content: ReadonlySignal<Content>
  /** What shows the text, where there is one. */
  readonly editor = signal<TextEditor | undefined>(undefined)
  /** Whether the person is asked what becomes of changes, and what was wanted meanwhile. */
  readonly leaving = signal<{ goOn(): Promise<void> } | undefined>(undefined)

  readonly #ports: ViewerPorts
  readonly #content: Signal<Content>
  readonly #remote: RemoteFile
  readonly #stop = new AbortController()
  readonly #ends: (() => void)[] = []

  constructor(ports: ViewerPorts, file: FileInfo, { edit = false }: { edit?: boolean } = {}) {
    const content = signal<Content>({ kind: 'loading', bytes: 0, total: file.size })
    this.file = file
    this.content = content
    this.editing.value = edit
    this.#content = content
    this.#ports = ports
    this.#remote = new RemoteFile(ports.files, file.path)
  }

  /** Whether there is something to save. Reads signals. */
  get changed(): boolean {
    const content = this.content.value
    return content.kind === 'text' && content.text.changed.value
  }

  /** Reads what is to be shown. What goes wrong is shown. @param follow the end of a text from now on */
  async open(follow = false): Promise<void> {
    try {
      const content = await this.#look(follow)
      if (!this.#stop.signal.aborted) this.#content.value = content
    } catch (error) {
      if (this.#stop.signal.aborted) return
      const failure = failureOf(error)
      if (failure.code === 'unexpected') this.#ports.report(error)
      this.#content.value = { kind: 'failed', failure }
    }
    if (this.#stop.signal.aborted) this.#end()
  }

  /** Lets go of it. What is not saved stays as a draft. */
  close(): void {
    const content = this.content.peek()
    if (content.kind === 'text' && content.text.changed.peek()) void content.text.keep()
    this.#stop.abort()
    this.#end()
  }

  #end(): void {
    for (const end of this.#ends.splice(0)) end()
    this.#remote.close().catch((error: unknown) => this.#ports.report(error))
  }

  async #look(follow: boolean): Promise<Content> {
    const { files } = this.#ports
    const { path, name } = this.file
    const { attributes } = await files.ask('sftp-stat', { path })
    // To open a pipe would wait for whoever writes into it.
    if (attributes.mode !== undefined && (attributes.mode & 0o170000) !== 0o100000) throw notAFile(attributes.mode)
    const head = await this.#remote.read(0, headLength, { signal: this.#stop.signal })
    const size = Math.max(attributes.size ?? 0, head.length)
    const found = kindOf(head, name)
    switch (found.kind) {
      case 'text':
        return this.#text(found, head, attributes, follow)
      case 'image':
        return this.#image(found, head, size)
      case 'audio':
      case 'video':
      case 'pdf':
        return this.#media({ ...found, kind: found.kind }, size)
      case 'binary':
        return bytes(head, size)
    }
  }

  async #text(found: FileKind, head: Uint8Array, attributes: Attributes, follow: boolean): Promise<Content> {
    const { files, drafts, owner, report } = this.#ports
    const { path } = this.file
    const size = attributes.size ?? 0
    // Files of /proc say that they are empty.
    const untold = size === 0 && head.length > 0
    if (follow || untold || size > mostEdited) {
      const part = new TextPart(files, path, Math.max(size, head.length), head)
      this.#ends.push(() => void part.close().catch(report))
      await (follow ? part.follow() : part.showStart())
      return { kind: 'part', part }
    }
    const data = size <= head.length ? head : await this.#whole(size)
    const text = await TextFile.open({ files, drafts, id: `${owner} ${path}`, path, data, attributes, report })
    if (text.restored.peek() !== undefined) this.editing.value = true
    return { kind: 'text', text, drawing: found.drawing ?? false }
  }

  async #image({ type }: FileKind, head: Uint8Array<ArrayBuffer>, size: number): Promise<Content> {
    if (size > mostInMemory) return bytes(head, size, 'The picture is too large a file to be shown.')
    // Most tell their size at once; then nothing more is read of what cannot be shown.
    const early = pixelsOf(head, type)
    if (early && !fits(early)) return bytes(head, size, tooManyPixels(early))
    const data = size <= head.length ? head : await this.#whole(size)
    const pixels = pixelsOf(data, type)
    if (!pixels) return bytes(head, size, 'The picture does not say how large it is, so it is not drawn.')
    if (!fits(pixels)) return bytes(head, size, tooManyPixels(pixels))
    return { kind: 'image', url: this.#url(data, type), pixels, size }
  }

  async #media({ kind, type }: FileKind & { kind: 'audio' | 'video' | 'pdf' }, size: number): Promise<Content> {
    if (kind !== 'pdf') {
      const source = RangeSource.open(this.#remote, size, type)
      if (source) {
        this.#ends.push(() => source.close())
        return { kind, url: source.url, type }
      }
    }
    if (size > mostInMemory) {
      return bytes(await this.#remote.read(0, mostShown), size, 'It is too large to be shown here as a whole.')
    }
    return { kind, url: this.#url(await this.#whole(size), type), type }
  }

  /** Only types of `kindOf` come here: none of them is a page. */
  #url(data: Uint8Array<ArrayBuffer>, type: string): string {
    const url = URL.createObjectURL(new Blob([data], { type }))
    this.#ends.push(() => URL.revokeObjectURL(url))
    return url
  }

  #whole(size: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#remote.read(0, size, {
      signal: this.#stop.signal,
      progress: (done) => {
        if (!this.#stop.signal.aborted) this.#content.value = { kind: 'loading', bytes: done, total: size }
      },
    })
  }
}

function bytes(data: Uint8Array, size: number, why?: string): Content {
  return { kind: 'bytes', data: data.subarray(0, mostShown), size, ...(why !== undefined && { why }) }
}

function tooManyPixels({ width, height }: Pixels): string {
  const size = `${width.toLocaleString()} × ${height.toLocaleString()} pixels`
  return `The picture has ${size}, more than the ${mostPixels / 1e6} million that are drawn.`
}

function notAFile(mode: number): Failed {
  if ((mode & 0o170000) === 0o040000)
    return new Failed(new Refusal('sftp-failure', { detail: 'This is a folder' }).toFailure())
  return new Failed({
    message: 'This is a device, a pipe or a socket',
    remedy: 'It has no contents that could be shown.',
    retry: false,
    code: 'not-a-file',
  })
}
