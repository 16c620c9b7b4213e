import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { FileInfo } from '../../shared/fileInfo.ts'
import { readTarget, type Target } from '../../shared/target.ts'
import type { App } from '../app.ts'
import { failureOf } from '../model/failure.ts'
import { type HandOff, readHandOff } from '../model/handOff.ts'
import type { Viewer } from '../model/preview/viewer.ts'
import type { WatchedFile } from '../model/preview/watchedFile.ts'
import type { TabView } from '../model/tabs.ts'
import type { Taken } from '../model/transfers/taken.ts'
import type { Launch } from '../platform.ts'
import { Directory } from './directory.ts'
import type { FileDialog, ShownJob } from './fileDialog.ts'

/** What can stand over everything else, one at a time. */
export type Sheet =
  | { kind: 'palette' }
  | { kind: 'settings' }
  | { kind: 'relays'; add?: boolean }
  | { kind: 'relay-login'; endpointId: string }
  | { kind: 'keys' }
  | { kind: 'known-hosts'; read?: boolean }
  | { kind: 'edit-host'; hostId: string }
  | { kind: 'sessions' }
  | { kind: 'vault' }
  | { kind: 'set-up-vault' }
  | { kind: 'vault-passphrase'; purpose: 'change' | 'recovery' | 'passkey' }
  | { kind: 'remove-vault' }
  | { kind: 'export' }
  | { kind: 'import' }
  | { kind: 'storage' }
  | { kind: 'relay-sight' }
  | { kind: 'hand-off'; tabId: string }
  | { kind: 'watched-files' }
  | { kind: 'shared'; id: string }
  | { kind: 'files-beside' }
  | { kind: 'files-as-root'; tabId: string }
  | { kind: 'files'; dialog: FileDialog }
  | { kind: 'identities' }
  | { kind: 'identity'; identityId: string }
  | { kind: 'make-key' }
  | { kind: 'import-key' }
  | { kind: 'add-password' }
  | {
      kind: 'install-key'
      tabId: string
      identityId?: string
      done?: { identityId: string; outcome: 'added' | 'present' }
    }

/** A question with yes or no whose asker waits. */
export type Question =
  | { kind: 'paste'; text: string; answer(yes: boolean): void }
  | { kind: 'link'; url: string; text: string; answer(yes: boolean): void }

/** A line at the foot of the window that goes away by itself. */
export interface Notice {
  text: string
  kind: 'done' | 'failure'
  /** Takes back what it tells of. */
  undo?: () => unknown
}

/** Files that were given to a terminal, until the person has said where they go. */
export interface UploadOffer {
  tabId: string
  taken: Taken
}

/** Files that were copied or cut, to be pasted. */
export interface FileClipboard {
  /** Whose they are. */
  tabId: string
  how: 'copy' | 'move'
  files: readonly FileInfo[]
  /** Theirs. */
  paths: ReadonlySet<string>
}

/** What Chromium hands over when the app can be installed. */
export interface InstallOffer {
  prompt(): Promise<unknown>
}

/** Milliseconds that a notice stays: long enough to read it twice. */
const reading = { done: 3_000, failure: 9_000, undo: 10_000 }
/** Milliseconds after which what was done is not to be taken back by a key any more: one may have forgotten what it was. */
const undoable = 60_000

/** What this window shows over and beside the tabs; nothing of it is kept. */
export class View {
  readonly sheet = signal<Sheet | undefined>(undefined)
  readonly question = signal<Question | undefined>(undefined)
  readonly notice = signal<Notice | undefined>(undefined)
  /** Takes back what was done last to files, for a minute. */
  readonly undo = signal<(() => unknown) | undefined>(undefined)
  /** Long work on files that runs, or is about to. */
  readonly fileJobs = signal<readonly ShownJob[]>([])
  /** The file whose name is being changed in its row. */
  readonly renamingFile = signal<{ tabId: string; path: string } | undefined>(undefined)
  /** The tab whose terminal is searched. */
  readonly finding = signal<string | undefined>(undefined)
  readonly findText = signal('')
  /** The tab whose name is being changed. */
  readonly renaming = signal<string | undefined>(undefined)
  /** The tab whose path is being typed. */
  readonly typingPath = signal<string | undefined>(undefined)
  /** The tab whose files are filtered as one types. */
  readonly filtering = signal<string | undefined>(undefined)
  readonly fileClipboard = signal<FileClipboard | undefined>(undefined)
  /** Tab → the tab whose files stand beside its own. */
  readonly besides = signal<ReadonlyMap<string, string>>(new Map())
  /** The tab whose files stand beside those of the tab that is shown. */
  readonly beside: ReadonlySignal<string | undefined>
  /** Which of two panes of files had the focus last: that of the tab that is shown, or the one beside. */
  readonly filesSide = signal<'own' | 'beside'>('own')
  /** Where there is room for one pane only: the one that is shown. */
  readonly front = signal<'terminal' | 'files'>('terminal')
  /** Text for the input of the home tab. */
  readonly homeText = signal('')
  /** Tabs whose bell rang since they were last in front. */
  readonly rung = signal<ReadonlySet<string>>(new Set())
  /** The session of the link by which the app was opened, until it is taken up or declined. */
  readonly handOff = signal<HandOff | undefined>(undefined)
  /** The last address that asked for something, by which the app was opened or that came since. */
  readonly launch = signal<Launch>({})
  /** What waits for the person to say where it is uploaded to. */
  readonly offer = signal<UploadOffer | undefined>(undefined)
  /** Whether the drawer of transfers is open. */
  readonly transfers = signal(false)
  /** Tab → the file of its host that is looked at. */
  readonly viewing = signal<ReadonlyMap<string, Viewer>>(new Map())
  /** Whether that takes the whole room of the tab. */
  readonly wideFile = signal(false)
  /** Files that are open in programs of this device. */
  readonly watched = signal<readonly WatchedFile[]>([])
  readonly install = signal<InstallOffer | undefined>(undefined)
  /** Whether keys come from a keyboard that one can touch, so that the key bar is not needed. */
  readonly hardwareKeys = signal(false)
  /** Sticky modifiers of the key bar. */
  readonly held = signal<{ ctrl: boolean; alt: boolean }>({ ctrl: false, alt: false })

  readonly #app: App
  readonly #directories = new Map<TabView, Directory>()
  #noticeEnds: ReturnType<typeof setTimeout> | undefined
  #undoEnds: ReturnType<typeof setTimeout> | undefined

  constructor(app: App) {
    this.#app = app
    this.beside = computed(() => {
      const own = app.tabs.get(app.tabs.active.value)
      // Whoever goes to the terminal has it; the way back is to the files.
      if (!own?.record.value.view.files || this.front.value === 'terminal') return undefined
      return app.tabs.get(this.besides.value.get(own.id))?.id
    })
    effect(() => {
      const open = new Set(app.tabs.tabs.value)
      for (const [tab, directory] of this.#directories) {
        if (open.has(tab)) continue
        directory.close()
        this.#directories.delete(tab)
      }
    })
    effect(() => {
      const open = new Set(app.tabs.tabs.value.map(({ id }) => id))
      const viewing = this.viewing.peek()
      for (const [id, viewer] of viewing) if (!open.has(id)) viewer.close()
      this.viewing.value = new Map([...viewing].filter(([id]) => open.has(id)))
    })
    this.#arrive(app.platform.launch)
    effect(() => {
      const launch = app.platform.arrived?.value
      if (launch) untracked(() => this.#arrive(launch))
    })
  }

  /** What an address asked for is shown, and waits for a click. */
  #arrive(launch: Launch): void {
    const { target, relay, handoff, share } = launch
    if (target !== undefined || relay !== undefined) this.launch.value = launch
    if (target !== undefined) {
      this.homeText.value = target
      this.#app.tabs.activate(undefined)
    }
    // A link may propose a relay; only a click adds it.
    if (relay !== undefined) this.sheet.value = { kind: 'relays', add: true }
    if (share !== undefined) this.sheet.value = { kind: 'shared', id: share }
    if (handoff === undefined) return
    this.handOff.value = readHandOff(handoff)
    if (!this.handOff.peek()) this.say('The link to a session is not whole', 'failure')
  }

  /** What the address of the launch says of a target: nothing unless it names the same host and port. */
  launchOf({ host, port }: Target): Pick<Launch, 'term' | 'header'> {
    const { target = '', term, header } = this.launch.value
    const launched = readTarget(target)
    if (!launched.ok || launched.target.host !== host || launched.target.port !== port) return {}
    return { ...(term !== undefined && { term }), ...(header !== undefined && { header }) }
  }

  /** Shows a line for a few seconds. @param undo takes back what it tells of, for a minute */
  say(text: string, kind: Notice['kind'] = 'done', undo?: () => unknown): void {
    clearTimeout(this.#noticeEnds)
    this.notice.value = { text, kind, ...(undo && { undo }) }
    const ms = undo ? reading.undo : reading[kind]
    this.#noticeEnds = setTimeout(() => {
      this.notice.value = undefined
    }, ms)
    if (!undo) return
    clearTimeout(this.#undoEnds)
    this.undo.value = undo
    this.#undoEnds = setTimeout(() => this.forgetUndo(undo), undoable)
  }

  /** It has been taken back, or there is nothing to take back any more. */
  forgetUndo(undo: () => unknown): void {
    if (this.undo.peek() === undo) this.undo.value = undefined
    if (this.notice.peek()?.undo === undo) this.notice.value = undefined
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

  /** Remembers files of a tab, to be pasted. */
  take(tab: TabView, files: readonly FileInfo[], how: FileClipboard['how']): void {
    this.fileClipboard.value = { tabId: tab.id, how, files, paths: new Set(files.map(({ path }) => path)) }
    const what = files.length === 1 ? '1 entry is' : `${files.length.toLocaleString()} entries are`
    this.say(`${what} ready to be pasted`)
  }

  /** Puts the files of another tab beside those of a tab, or none. */
  setBeside(tabId: string, other: string | undefined): void {
    const besides = new Map(this.besides.peek())
    if (other === undefined) besides.delete(tabId)
    else besides.set(tabId, other)
    this.besides.value = besides
    this.filesSide.value = other === undefined ? 'own' : 'beside'
  }

  /** The directories that are pinned for a tab's host. Reads signals. */
  places(tab: TabView): readonly string[] {
    return this.#app.hosts.get(tab.record.value.hostId)?.places ?? []
  }

  /** What the files pane of a tab shows. */
  directory(tab: TabView): Directory {
    let directory = this.#directories.get(tab)
    if (!directory) {
      const { settings } = this.#app
      directory = new Directory(
        (path, signal) => tab.sftp.list(path, signal),
        computed(() => settings.value.value.hiddenFiles),
        tab.record.peek().view.sort,
      )
      this.#directories.set(tab, directory)
    }
    return directory
  }
}
