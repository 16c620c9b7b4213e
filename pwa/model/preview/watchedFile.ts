import { type ReadonlySignal, signal } from '@preact/signals'
import type { FileInfo } from '../../../shared/fileInfo.ts'
import { type AppFailure, Failed, failureOf } from '../failure.ts'
import { localName } from '../out/localName.ts'
import { Fingerprint } from './fingerprint.ts'
import { type Files, RemoteFile } from './remoteFile.ts'
import {
  type Contents,
  Hindered,
  lookAt,
  type Obstacle,
  overwriteFile,
  replaceFile,
  type Seen,
  stillIs,
} from './replaceFile.ts'

/** Where a copy stands: as it was given, on its way, or in need of a decision. */
export type WatchState =
  | { kind: 'watching'; uploadedAt?: Date }
  | { kind: 'uploading' }
  | { kind: 'changed' }
  | { kind: 'in-place'; obstacle: Obstacle; mine: boolean }
  | { kind: 'failed'; failure: AppFailure }

/** The parts of the File System Access API that TypeScript's DOM library does not have. */
interface Pickers {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>
  FileSystemObserver?: new (
    changed: () => void,
  ) => { observe(handle: FileSystemFileHandle): Promise<void>; disconnect(): void }
}

/** Bytes that are read at a time. */
const stretch = 1024 * 1024

/** Milliseconds between two looks at a copy, and for which it must rest before it is uploaded. */
const look = 2000
const rest = 500

/** Asks where a copy is to be. Undefined where the person wants none; throws `Failed` where the browser cannot. */
export async function pickCopy(name: string): Promise<FileSystemFileHandle | undefined> {
  const { showSaveFilePicker } = globalThis as Pickers
  if (!showSaveFilePicker) {
    throw new Failed({
      message: 'This browser does not let Fairlead watch files of this device',
      remedy: 'Download the file, change it, and drop it here again; or use Chrome, Edge or another Chromium.',
      retry: false,
      code: 'no-local-files',
    })
  }
  try {
    return await showSaveFilePicker.call(globalThis, { suggestedName: localName(name) })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    throw error
  }
}

/** A copy of a host's file on this device. Whenever a program saves it there, it is uploaded; what changed on the host meanwhile is asked about. */
export class WatchedFile {
  readonly file: FileInfo
  /** The name of the host. */
  readonly label: string
  /** The name of the copy. */
  readonly localName: string
  readonly state: ReadonlySignal<WatchState>

  readonly #state = signal<WatchState>({ kind: 'watching' })
  readonly #files: Files
  readonly #handle: FileSystemFileHandle
  #seen: Seen = { size: 0, sha256: '' }
  /** The copy as it was last read or written. */
  #known = { at: 0, size: 0 }
  #timer: ReturnType<typeof setTimeout> | undefined
  #observer: { disconnect(): void } | undefined
  #stopped = false
  #looking: Promise<void> | undefined

  /** Writes the copy, and watches it from then on. Rejects with `Failed`. */
  static async start(files: Files, file: FileInfo, label: string, handle: FileSystemFileHandle): Promise<WatchedFile> {
    const watched = new WatchedFile(files, file, label, handle)
    await watched.#fetch()
    await watched.#watch()
    return watched
  }

  private constructor(files: Files, file: FileInfo, label: string, handle: FileSystemFileHandle) {
    this.file = file
    this.label = label
    this.localName = handle.name
    this.state = this.#state
    this.#files = files
    this.#handle = handle
  }

  /** Watches it no more; the copy stays. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#observer?.disconnect()
  }

  /** Looks now whether the copy has changed, and uploads it then. What goes wrong is shown by `state`. */
  check(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** Decides about a copy that could not simply be uploaded: it is, as it is, or it is written anew from the host. */
  answer(answer: 'mine' | 'in-place' | 'theirs'): Promise<void> {
    const state = this.#state.peek()
    const mine = answer === 'mine' || (state.kind === 'in-place' && state.mine)
    return this.#telling(() =>
      answer === 'theirs' ? this.#fetch() : this.#upload({ mine, inPlace: answer === 'in-place' }),
    )
  }

  async #watch(): Promise<void> {
    const { FileSystemObserver } = globalThis as Pickers
    if (FileSystemObserver) {
      const observer = new FileSystemObserver(() => void this.check())
      // Where it cannot be observed it is looked at.
      const observed = await observer.observe(this.#handle).then(
        () => true,
        () => false,
      )
      if (observed) this.#observer = observer
    }
    if (!this.#observer) this.#next()
  }

  #next(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => void this.check().then(() => this.#next()), look)
  }

  async #look(): Promise<void> {
    if (this.#stopped || this.#state.peek().kind === 'uploading') return
    await this.#telling(async () => {
      for (;;) {
        const { lastModified, size } = await this.#copy()
        if (lastModified === this.#known.at && size === this.#known.size) return
        this.#known = { at: lastModified, size }
        // A program may still be writing.
        await new Promise((resolve) => setTimeout(resolve, rest))
        const now = await this.#copy()
        if (now.lastModified === lastModified && now.size === size) return this.#upload({})
      }
    })
  }

  async #telling(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const kind = this.#state.peek().kind
      // A program that is writing locks it on some systems; it is looked at again.
      if (error instanceof DOMException && error.name === 'NotReadableError' && kind === 'watching') return
      if (error instanceof Hindered) return
      this.#state.value = { kind: 'failed', failure: failureOf(error) }
    }
  }

  async #upload({ mine = false, inPlace = false }: { mine?: boolean; inPlace?: boolean }): Promise<void> {
    const file = await this.#copy()
    const seen = await fingerprint(file)
    if (!mine && seen.sha256 === this.#seen.sha256) return
    this.#state.value = { kind: 'uploading' }
    const { path } = this.file
    const now = mine ? await lookAt(this.#files, path) : await stillIs(this.#files, path, this.#seen)
    if (!mine && now.state !== 'same') {
      this.#state.value = { kind: 'changed' }
      return
    }
    const contents: Contents = { size: file.size, pieces: () => piecesOf(file) }
    const before = now.state === 'gone' ? undefined : now.attributes
    try {
      await (inPlace && before
        ? overwriteFile(this.#files, path, contents)
        : replaceFile(this.#files, path, contents, before))
    } catch (error) {
      if (error instanceof Hindered) this.#state.value = { kind: 'in-place', obstacle: error.obstacle, mine }
      throw error
    }
    this.#seen = seen
    this.#known = { at: file.lastModified, size: file.size }
    this.#state.value = { kind: 'watching', uploadedAt: new Date() }
  }

  /** Writes the copy from what the host has. */
  async #fetch(): Promise<void> {
    const remote = new RemoteFile(this.#files, this.file.path)
    const copy = await this.#handle.createWritable()
    const print = new Fingerprint()
    try {
      for (;;) {
        const data = await remote.read(print.bytes, stretch)
        print.add(data)
        await copy.write(data)
        if (data.length < stretch) break
      }
      await copy.close()
    } catch (error) {
      await copy.abort().catch(() => undefined)
      throw error
    } finally {
      await remote.close()
    }
    this.#seen = { size: print.bytes, sha256: print.hex() }
    const { lastModified, size } = await this.#copy()
    this.#known = { at: lastModified, size }
    this.#state.value = { kind: 'watching' }
  }

  async #copy(): Promise<File> {
    try {
      return await this.#handle.getFile()
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NotFoundError') throw error
      throw new Failed({
        message: 'The copy on this device is gone',
        remedy: 'Open the file again to have a new one.',
        retry: false,
        code: 'copy-gone',
      })
    }
  }
}

async function fingerprint(file: File): Promise<Seen> {
  const print = new Fingerprint()
  for await (const piece of piecesOf(file)) print.add(piece)
  return { size: print.bytes, sha256: print.hex() }
}

async function* piecesOf(file: File): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += stretch) yield new Uint8Array(await file.slice(at, at + stretch).arrayBuffer())
}
