import { createHash, randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { signal } from '@preact/signals'
import type { DownloadGoal, Sink } from '../../pwa/model/out/goal.ts'
import type { TabView } from '../../pwa/model/tabs.ts'
import type { TransferState, TransferView } from '../../pwa/model/transfers/transferView.ts'
import type { UploadSource } from '../../pwa/model/transfers/uploadSource.ts'
import { type Browser, openBrowser, until } from './browser.ts'
import { inMemory } from './inMemory.ts'
import type { Sshd } from './sshd.ts'

/** Bytes that look like no others, the same for the same number. */
export function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size)
  let state = (seed * 2654435761) >>> 0 || 1
  for (let at = 0; at < size; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[at] = state & 0xff
  }
  return bytes
}

export const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')

/** A directory of this machine that everybody may write into. */
export function openFolder(): { path: string; read(name: string): Buffer; names(): string[]; remove(): void } {
  const path = mkdtempSync(join(inMemory, 'fairlead-moving-'))
  chmodSync(path, 0o777)
  return {
    path,
    read: (name) => readFileSync(join(path, name)),
    names: () => readdirSync(path).sort(),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** A file as a person gives it. */
export function given(path: string, data: Uint8Array, modifiedAt = 1_700_000_000_000): UploadSource {
  const names = path.split('/')
  const file = new File([data as Uint8Array<ArrayBuffer>], names.at(-1) ?? '', { lastModified: modifiedAt })
  return { path: names, kind: 'file', file: async () => file, size: data.length, modifiedAt }
}

/** Has the pieces that a tab writes wait for `before`, which is told where each ends. Returns what ends it. */
export function beforeWrites({ sftp }: TabView, before: (end: number, bytes: number) => unknown): () => void {
  const ask = sftp.ask.bind(sftp)
  sftp.ask = async (event, message) => {
    if (event === 'sftp-write') {
      const { offset, data } = message as unknown as { offset: number; data: Uint8Array }
      await before(offset + data.length, data.length)
    }
    return ask(event, message)
  }
  return () => {
    sftp.ask = ask
  }
}

/** Has a tab write only as far as it is let through: its transfer stands there, however fast the machine is. */
export function holdWrites(tab: TabView, through: number): { letThrough(bytes: number): void } {
  const most = signal(through)
  beforeWrites(tab, (end) => until(() => end <= most.value))
  return {
    letThrough: (bytes) => {
      most.value = bytes
    },
  }
}

/** A folder in memory that takes downloads, as one of the File System Access API would. */
export class MemoryGoal implements DownloadGoal {
  readonly kind: DownloadGoal['kind']
  readonly #ending = new AbortController()
  readonly ended = this.#ending.signal
  readonly files = new Map<string, Buffer>()
  readonly directories: string[] = []
  readonly #parts = new Map<string, Buffer[]>()
  /** Offsets at which files were gone on from. */
  readonly resumed: number[] = []
  closed = false
  failed: unknown
  /** Bytes that were written and not yet let through, and those that were. */
  held = 0
  taken = 0
  /** Resolves when the next bytes may come. */
  gate: () => Promise<void> = async () => undefined

  constructor(kind: DownloadGoal['kind'] = 'handle') {
    this.kind = kind
  }

  /** The person ends it in the browser's own list. */
  end(reason: unknown): void {
    this.#ending.abort(reason)
  }

  async open(path: readonly string[], size: number): Promise<Sink> {
    const key = path.join('/')
    const part = this.#parts.get(key) ?? []
    this.#parts.set(key, part)
    const have = part.reduce((sum, { length }) => sum + length, 0)
    if (have > 0) this.resumed.push(have)
    let at = have
    return {
      have,
      write: async (offset, data) => {
        if (offset !== at) throw new Error(`${key}: ${offset} instead of ${at}`)
        at += data.length
        this.held += data.length
        await this.gate()
        this.held -= data.length
        this.taken += data.length
        part.push(Buffer.from(data))
      },
      close: async () => {
        const whole = Buffer.concat(part)
        if (whole.length !== size) throw new Error(`${key}: ${whole.length} of ${size}`)
        this.files.set(key, whole)
        this.#parts.delete(key)
      },
      abort: async (keep) => {
        if (!keep) this.#parts.delete(key)
      },
    }
  }

  async directory(path: readonly string[]): Promise<void> {
    this.directories.push(path.join('/'))
  }

  async close(): Promise<void> {
    this.closed = true
  }

  async fail(error: unknown): Promise<void> {
    this.failed = error
  }
}

/** Waits until a transfer stands so. */
export function stands(browser: Browser, id: string, ...states: TransferState[]): Promise<TransferView> {
  return until(() => browser.app.transfers.items.value.find((item) => item.id === id && states.includes(item.state)))
}

/** Waits until a transfer is over, and gives how. */
export async function isOver(browser: Browser, id: string): Promise<TransferView> {
  return stands(browser, id, 'done', 'failed', 'cancelled')
}

/** A window with the files of a host open in a tab, by password. */
export async function openFiles(
  sshd: Sshd,
  relay: string,
  options: { name?: string; window?: { id: string; alone: boolean } } = {},
): Promise<{ browser: Browser; tab: TabView }> {
  const { name = randomUUID(), window } = options
  const browser = await openBrowser(name, { relay, ...(window && { window }) })
  await browser.online()
  const { tab } = browser.open({ scheme: 'sftp', host: sshd.host, port: sshd.port, username: sshd.username })
  await logIn(browser, tab, sshd)
  return { browser, tab }
}

/** Opens the files of a tab, and answers what is asked. */
export async function logIn(browser: Browser, tab: TabView, sshd: Sshd): Promise<void> {
  await answering(browser, sshd, tab.sftp.ask('sftp-realpath', { path: '.' }))
}

/** Answers what is asked until something has come to its end. */
export async function answering<T>(browser: Browser, sshd: Sshd, opened: Promise<T>): Promise<T> {
  const answered = new Set<string>()
  const stop = browser.app.prompts.open.subscribe(([first]) => {
    if (!first || answered.has(first.id)) return
    answered.add(first.id)
    const { kind } = first.question
    if (kind === 'host-key') void browser.answer({ kind: 'host-key', accept: true })
    if (kind === 'login') void browser.answer({ kind: 'login', password: sshd.password })
  })
  try {
    return await opened
  } finally {
    stop()
  }
}

/** A window with files beside a shell, which is taken up again after a cut without a login. */
export async function openBesideShell(sshd: Sshd, relay: string): Promise<{ browser: Browser; tab: TabView }> {
  const browser = await openBrowser(randomUUID(), { relay })
  await browser.online()
  const { tab } = browser.open({ host: sshd.host, port: sshd.port, username: sshd.username })
  await answering(
    browser,
    sshd,
    until(() => tab.session.state.value === 'open'),
  )
  await tab.sftp.ask('sftp-realpath', { path: '.' })
  return { browser, tab }
}
