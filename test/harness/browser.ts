import 'fake-indexeddb/auto'
import { randomUUID } from 'node:crypto'
import { effect, type ReadonlySignal, signal } from '@preact/signals'
import headless from '@xterm/headless'
import { type App, createApp } from '../../pwa/app.ts'
import type { OpenPrompt, PromptAnswer } from '../../pwa/model/prompts.ts'
import type { ScreenPort } from '../../pwa/model/screenPort.ts'
import type { Session } from '../../pwa/model/session.ts'
import type { TabView } from '../../pwa/model/tabs.ts'
import type { OwnWindow } from '../../pwa/page.ts'
import type { Platform } from '../../pwa/platform.ts'
import { openStore } from '../../pwa/store/db.ts'
import { isReply } from '../../pwa/terminal/replies.ts'
import { drawn } from '../../shared/drawn.ts'
import { Modes } from '../../shared/modes.ts'
import type { Target } from '../../shared/target.ts'

/** Waits until a signal's value is what is asked for. */
export function until<T>(look: () => T | undefined | false): Promise<T> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      const found = look()
      if (found === undefined || found === false) return
      resolve(found)
      queueMicrotask(() => stop())
    })
  })
}

/** The screen of a session without a page: xterm's own parser and buffer, and every byte that it was given. */
export class HeadlessScreen implements ScreenPort {
  readonly xterm = new headless.Terminal({ cols: 100, rows: 30, scrollback: 5000, allowProposedApi: true })
  /** What was written by `write`, whole. */
  readonly written = signal<Uint8Array>(new Uint8Array(0))
  readonly notes: string[] = []
  readonly findResults: ReadonlySignal<undefined> = signal(undefined)
  readonly #modes = new Modes(this.xterm.parser)
  readonly #session: Session
  #chunks: Uint8Array[] = []
  /** Counts what has been parsed. */
  readonly parsed = signal(0)
  detach: () => void

  constructor(session: Session) {
    this.#session = session
    this.xterm.onData((data) => (isReply(data) ? session.reply(data) : session.input(data)))
    this.xterm.onTitleChange((title) => {
      session.title.value = title
    })
    this.detach = session.attachScreen(this)
  }

  get size() {
    return { cols: this.xterm.cols, rows: this.xterm.rows }
  }

  /** All bytes of output that reached this screen. */
  bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  /** The lines on the screen and above it. */
  text(): string {
    const { active } = this.xterm.buffer
    return Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true) ?? '').join('\n')
  }

  /** Waits until the screen shows a text. */
  async shows(text: string | RegExp): Promise<string> {
    return until(() => {
      this.parsed.value
      const shown = this.text()
      return (typeof text === 'string' ? shown.includes(text) : text.test(shown)) && shown
    })
  }

  write(data: Uint8Array, rendered: () => void): void {
    this.#chunks.push(data.slice())
    this.xterm.write(data, () => {
      rendered()
      this.parsed.value++
    })
  }

  restore(data: string, { cols, rows }: { cols: number; rows: number }): void {
    this.xterm.resize(cols, rows)
    this.xterm.write(data, () => {
      this.parsed.value++
    })
  }

  redraw(data: string, size: { cols: number; rows: number }, note: string): void {
    this.note(note)
    this.xterm.reset()
    this.restore(data, size)
  }

  async serialize(scrollback = 1000) {
    return { data: drawn(this.xterm, this.#modes, scrollback), ...this.size }
  }

  settle(): void {
    this.xterm.write('\u001b[!p')
  }

  note(text: string): void {
    this.notes.push(text)
  }

  clear(): void {
    this.xterm.clear()
  }

  async find(): Promise<boolean> {
    return false
  }

  endFind(): void {}
  selectAll(): void {}
  scrollToBottom(): void {}
  focus(): void {}

  selection(): string {
    return ''
  }

  async copy(): Promise<boolean> {
    return false
  }

  async paste(text: string): Promise<void> {
    this.type(text)
  }

  type(text: string): void {
    this.#session.input(text)
  }
}

/** A window of the app without a page. Windows with the same `name` share their store, as those of one origin do. */
export interface Browser {
  app: App
  /** Waits until the relay at a place in the list is online. */
  online(at?: number): Promise<void>
  /** Waits for the question that is on top. */
  prompt<K extends OpenPrompt['question']['kind']>(
    kind: K,
  ): Promise<OpenPrompt & { question: Extract<OpenPrompt['question'], { kind: K }> }>
  answer(answer: PromptAnswer): Promise<void>
  /** Opens a tab and a screen for it. */
  open(target: Partial<Target> & { host: string }, endpointId?: string): { tab: TabView; screen: HeadlessScreen }
  /** The page goes away: nothing is ended. */
  close(): Promise<void>
}

/** Opens a window of the app, by default a page that `relay` serves. */
export async function openBrowser(
  name: string,
  options: { relay?: string; token?: string; platform?: Partial<Platform>; window?: OwnWindow } = {},
): Promise<Browser> {
  const platform: Platform = {
    kind: 'page',
    ownRelay: options.relay && new URL(options.relay).origin,
    launch: options.token === undefined ? {} : { token: options.token },
    reach: async () => true,
    openLink: () => undefined,
    update: signal(undefined),
    apple: false,
    ...options.platform,
  }
  const app = createApp(platform, await openStore(name), options.window ?? { id: randomUUID(), alone: true })
  const top = (kind: string) => until(() => app.prompts.open.value.find((open) => open.question.kind === kind))
  return {
    app,
    async online(at = 0) {
      await until(() => app.endpoints.list.value[at]?.link.state.value === 'online')
    },
    // `find` has checked the kind; the compiler does not follow it into the union.
    prompt: (kind) => top(kind) as ReturnType<Browser['prompt']> as never,
    async answer(answer) {
      const asked = app.prompts.open.peek()[0]
      if (!asked) throw new Error('nothing is asked')
      await app.prompts.answer(asked.id, answer)
    },
    open(target, endpointId) {
      const whole: Target = { scheme: 'ssh', jump: [], ...target }
      const tab = app.tabs.open(whole, endpointId === undefined ? {} : { endpointId })
      return { tab, screen: new HeadlessScreen(tab.session) }
    },
    close: () => app.close(),
  }
}
