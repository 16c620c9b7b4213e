import { computed, signal } from '@preact/signals'
import { readTarget, type Target } from '../../shared/target.ts'
import type { App } from '../app.ts'
import { failureOf } from '../model/failure.ts'
import { type HandOff, readHandOff } from '../model/handOff.ts'
import type { TabView } from '../model/tabs.ts'
import type { Launch } from '../platform.ts'
import { Directory } from './directory.ts'

/** What can stand over everything else, one at a time. */
export type Sheet =
  | { kind: 'palette' }
  | { kind: 'settings' }
  | { kind: 'relays'; add?: boolean }
  | { kind: 'relay-login'; endpointId: string }
  | { kind: 'keys' }
  | { kind: 'known-hosts' }
  | { kind: 'edit-host'; hostId: string }
  | { kind: 'sessions' }
  | { kind: 'hand-off'; tabId: string }

/** A question with yes or no whose asker waits. */
export type Question =
  | { kind: 'paste'; text: string; answer(yes: boolean): void }
  | { kind: 'link'; url: string; text: string; answer(yes: boolean): void }

/** A line at the foot of the window that goes away by itself. */
export interface Notice {
  text: string
  kind: 'done' | 'failure'
}

/** What Chromium hands over when the app can be installed. */
export interface InstallOffer {
  prompt(): Promise<unknown>
}

/** Milliseconds that a notice stays: long enough to read it twice. */
const reading = { done: 3_000, failure: 9_000 }

/** What this window shows over and beside the tabs; nothing of it is kept. */
export class View {
  readonly sheet = signal<Sheet | undefined>(undefined)
  readonly question = signal<Question | undefined>(undefined)
  readonly notice = signal<Notice | undefined>(undefined)
  /** The tab whose terminal is searched. */
  readonly finding = signal<string | undefined>(undefined)
  readonly findText = signal('')
  /** The tab whose name is being changed. */
  readonly renaming = signal<string | undefined>(undefined)
  /** The tab whose path is being typed. */
  readonly typingPath = signal<string | undefined>(undefined)
  /** Where there is room for one pane only: the one that is shown. */
  readonly front = signal<'terminal' | 'files'>('terminal')
  /** Text for the input of the home tab. */
  readonly homeText = signal('')
  /** Tabs whose bell rang since they were last in front. */
  readonly rung = signal<ReadonlySet<string>>(new Set())
  /** The session of the link by which the app was opened, until it is taken up or declined. */
  readonly handOff = signal<HandOff | undefined>(undefined)
  readonly install = signal<InstallOffer | undefined>(undefined)
  /** Whether keys come from a keyboard that one can touch, so that the key bar is not needed. */
  readonly hardwareKeys = signal(false)
  /** Sticky modifiers of the key bar. */
  readonly held = signal<{ ctrl: boolean; alt: boolean }>({ ctrl: false, alt: false })

  readonly #app: App
  readonly #directories = new WeakMap<TabView, Directory>()
  #noticeEnds: ReturnType<typeof setTimeout> | undefined

  constructor(app: App) {
    this.#app = app
    const { target, relay, handoff } = app.platform.launch
    this.homeText.value = target ?? ''
    if (target !== undefined) app.tabs.activate(undefined)
    // A link may propose a relay; only a click adds it.
    if (relay !== undefined) this.sheet.value = { kind: 'relays', add: true }
    this.handOff.value = handoff === undefined ? undefined : readHandOff(handoff)
    if (handoff !== undefined && !this.handOff.peek()) this.say('The link to a session is not whole', 'failure')
  }

  /** What the address by which the app was opened says of a target: nothing unless it names the same host and port. */
  launchOf({ host, port }: Target): Pick<Launch, 'term' | 'header'> {
    const { target = '', term, header } = this.#app.platform.launch
    const launched = readTarget(target)
    if (!launched.ok || launched.target.host !== host || launched.target.port !== port) return {}
    return { ...(term !== undefined && { term }), ...(header !== undefined && { header }) }
  }

  /** Shows a line for a few seconds. */
  say(text: string, kind: Notice['kind'] = 'done'): void {
    clearTimeout(this.#noticeEnds)
    this.notice.value = { text, kind }
    this.#noticeEnds = setTimeout(() => {
      this.notice.value = undefined
    }, reading[kind])
  }

  /** Shows what went wrong and what can be done. */
  fail(error: unknown): void {
    const failure = failureOf(error)
    // What is not foreseen is a bug and belongs in the browser's log with its stack.
    if (failure.code === 'unexpected') console.error(error)
    this.say(`${failure.message}. ${failure.remedy}`, 'failure')
  }

  /** Puts a question to the person; one that is still open is answered with no. */
  ask(question: { kind: 'paste'; text: string } | { kind: 'link'; url: string; text: string }): Promise<boolean> {
    this.question.peek()?.answer(false)
    return new Promise((resolve) => {
      this.question.value = {
        ...question,
        answer: (yes) => {
          this.question.value = undefined
          resolve(yes)
        },
      }
    })
  }

  /** What the files pane of a tab shows. */
  directory(tab: TabView): Directory {
    let directory = this.#directories.get(tab)
    if (!directory) {
      const { settings } = this.#app
      directory = new Directory(
        (path) => tab.sftp.list(path),
        computed(() => settings.value.value.hiddenFiles),
        tab.record.peek().view.sort,
      )
      this.#directories.set(tab, directory)
    }
    return directory
  }
}
