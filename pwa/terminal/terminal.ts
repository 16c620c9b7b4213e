import { effect, type ReadonlySignal, signal } from '@preact/signals'
import { FitAddon } from '@xterm/addon-fit'
import { type IBufferRange, Terminal as Xterm } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { alternateBegins } from '../../shared/drawn.ts'
import { mend } from '../../shared/mended.ts'
import { Modes } from '../../shared/modes.ts'
import { plainLine } from '../model/plainText.ts'
import type { Terminal, TerminalOptions } from '../model/screenPort.ts'
import type { Session } from '../model/session.ts'
import { cleanPaste, pasteSequence, runsByItself } from './cleanPaste.ts'
import { boundColours } from './colours.ts'
import { CurrentDirectory } from './currentDirectory.ts'
import { Finder } from './finder.ts'
import { fingered } from './fingered.ts'
import { followFingers } from './fingers.ts'
import { Frames } from './frames.ts'
import { Graphemes } from './graphemes.ts'
import { keepSelection } from './keepSelection.ts'
import { checkLink } from './linkCheck.ts'
import { PredictiveEcho } from './predictiveEcho.ts'
import { useWebgl } from './renderer.ts'
import { Replies } from './replies.ts'
import { settling } from './settling.ts'
import { Snapshot } from './snapshot.ts'
import { themes } from './themes.ts'
import { fontFamily, lineHeight } from './type.ts'

/** Characters of a window title. */
const TITLE = 128

/** Opens a terminal in an element and shows the session in it. */
export async function openTerminal(
  element: HTMLElement,
  session: Session,
  options: TerminalOptions,
): Promise<Terminal> {
  const terminal = new XtermTerminal(element, session, options)
  terminal.open()
  return terminal
}

/** xterm.js as the screen of a session. */
class XtermTerminal implements Terminal {
  readonly #element: HTMLElement
  readonly #session: Session
  readonly #options: TerminalOptions
  readonly #xterm: Xterm
  readonly #fit = new FitAddon()
  readonly #graphemes: Graphemes
  readonly #modes: Modes
  readonly #snapshot: Snapshot
  readonly #finder: Finder
  readonly #endings: (() => void)[] = []
  #frames: Frames | undefined
  #echo: PredictiveEcho | undefined
  /** xterm's own numbers, so that the interface can follow them. */
  readonly #size = signal({ cols: 80, rows: 24 })
  /** While a snapshot is drawn in the size it was taken in, and its queries are not to be answered. */
  #restoring = false
  /** While a finger selects: a change of size would take what it selects from under it. */
  #selecting = false
  #used = false

  constructor(element: HTMLElement, session: Session, options: TerminalOptions) {
    this.#element = element
    this.#session = session
    this.#options = options
    const { fontSize, scrollback, cursorBlink } = options.settings.value.peek()
    this.#xterm = new Xterm({
      allowProposedApi: true,
      cursorBlink,
      fontFamily,
      fontSize,
      lineHeight: lineHeight(fontSize),
      // It would tell the console of every sequence that it does not know, and a program has no end of them.
      logLevel: 'off',
      scrollback,
      theme: themes[options.theme.peek()],
      macOptionClickForcesSelection: true,
      // White text on the light background, and the like, which programs that expect the other theme write.
      minimumContrastRatio: 3,
      linkHandler: {
        activate: (_event, address, range) => void this.#follow(address, this.#textOf(range)),
        hover: (_event, address) => {
          const link = checkLink(address, '')
          element.title = link.open ? link.href : ''
        },
        leave: () => {
          element.title = ''
        },
      },
    })
    mend(this.#xterm, (error) => console.error('What the host wrote could not be drawn', error))
    this.#graphemes = new Graphemes(this.#xterm)
    this.#modes = new Modes(this.#xterm.parser)
    this.#snapshot = new Snapshot(this.#xterm, this.#modes)
    this.#finder = new Finder(this.#xterm, options.theme)
  }

  open(): void {
    const xterm = this.#xterm
    xterm.loadAddon(this.#fit)
    xterm.open(this.#element)
    const frames = new Frames(xterm)
    this.#frames = frames
    const echo = new PredictiveEcho(xterm, this.#modes, this.#session, this.#options.settings)
    this.#echo = echo
    this.#endings.push(
      boundColours(xterm),
      () => frames.dispose(),
      () => echo.dispose(),
    )
    this.#listen()
    this.#fitNow()
    this.#endings.push(this.#session.attachScreen(this))
    // Not waited for: the DOM draws until then, and stays where this fails.
    useWebgl(xterm).catch((error) => console.warn('No WebGL', error))
  }

  get size() {
    return this.#size.value
  }

  get findResults(): ReadonlySignal<{ index: number; count: number } | undefined> {
    return this.#finder.results
  }

  write(data: Uint8Array, rendered: () => void): void {
    this.#used = true
    this.#frames?.wrote(data.length)
    this.#graphemes.write(data, () => {
      rendered()
      this.#echo?.parsed()
    })
  }

  restore(data: string, { cols, rows }: { cols: number; rows: number }): void {
    this.#used = true
    this.#restoring = true
    this.#xterm.resize(cols, rows)
    this.#graphemes.write(data, () => {
      this.#restoring = false
      this.#fitNow()
    })
  }

  redraw(data: string, size: { cols: number; rows: number }, note: string): void {
    const stillAlternate = this.#xterm.buffer.active.type === 'alternate' && data.includes(alternateBegins)
    this.#graphemes.write(above(note, Math.max(this.#xterm.rows, size.rows), stillAlternate))
    this.restore(data, size)
  }

  async serialize(scrollback?: number): Promise<{ data: string; cols: number; rows: number } | undefined> {
    return this.#used && !this.#restoring ? this.#snapshot.take(scrollback) : undefined
  }

  settle(): void {
    this.#graphemes.write(settling)
  }

  note(text: string): void {
    if (this.#xterm.buffer.active.type === 'alternate') return
    this.#graphemes.write(`\r\n${noteLine(text)}\r\n`)
  }

  clear(): void {
    this.#xterm.clear()
    this.#echo?.parsed()
  }

  find(text: string, options?: { backwards?: boolean; caseSensitive?: boolean; regex?: boolean }): Promise<boolean> {
    return this.#finder.find(text, options)
  }

  endFind(): void {
    this.#finder.end()
  }

  selection(): string {
    return this.#xterm.getSelection()
  }

  selectAll(): void {
    this.#xterm.selectAll()
  }

  async copy(): Promise<boolean> {
    const text = this.selection()
    if (text === '') return false
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      // Without permission, or on plain http; xterm answers the event with its selection.
      return document.execCommand('copy')
    }
  }

  async paste(text: string): Promise<void> {
    const clean = cleanPaste(text)
    const { bracketedPasteMode: bracketed } = this.#xterm.modes
    const ask = !bracketed && runsByItself(clean) && this.#options.settings.value.peek().confirmMultiLinePaste
    if (clean === '' || (ask && !(await this.#options.confirmPaste(clean)))) return
    this.type(pasteSequence(clean, this.#xterm.modes.bracketedPasteMode))
  }

  type(text: string): void {
    if (this.#session.input(text)) this.#echo?.sent()
    this.#xterm.scrollToBottom()
  }

  scrollToBottom(): void {
    this.#xterm.scrollToBottom()
  }

  focus(): void {
    this.#xterm.focus()
  }

  dispose(): void {
    for (const end of this.#endings) end()
    this.#finder.dispose()
    this.#modes.dispose()
    this.#xterm.dispose()
  }

  #listen(): void {
    const xterm = this.#xterm
    const session = this.#session
    const directory = new CurrentDirectory()
    const replies = new Replies(xterm.parser)
    xterm.onData((data) => {
      if (replies.has(data)) {
        if (!this.#restoring) session.reply(data)
      } else if (session.input(data)) this.#echo?.typed(data)
    })
    xterm.onBinary((data) => {
      if (session.input(Uint8Array.from(data, (character) => character.charCodeAt(0)))) this.#echo?.sent()
    })
    xterm.onResize(({ cols, rows }) => {
      this.#size.value = { cols, rows }
      if (!this.#restoring) session.resize(cols, rows)
    })
    // Said once for what is parsed at once: a program may call its window thousands of names a second.
    let said: { title: string | undefined; directory?: string | undefined } | undefined
    xterm.onTitleChange((title) => {
      said = { ...said, title: plainLine(title, TITLE) || undefined }
    })
    xterm.onWriteParsed(() => {
      if (!said) return
      if ('directory' in said) session.directory.value = said.directory
      session.title.value = said.title
      said = undefined
    })
    xterm.onBell(() => {
      if (!this.#restoring) session.bell.value++
    })
    xterm.parser.registerOscHandler(7, (report) => {
      // It comes with a prompt: the title is that of a program which is over.
      said = { title: undefined, directory: directory.read(report) }
      return true
    })
    let pressed = false
    xterm.attachCustomKeyEventHandler((event) => {
      if (event.type === 'keypress' && !pressed) {
        // Of a key that was pressed elsewhere and took the focus here, such as the Enter behind a new name of the tab.
        event.preventDefault()
        return false
      }
      if (event.type !== 'keypress') pressed = event.type === 'keydown'
      if (event.type !== 'keydown' || !this.#options.onKey(event)) return true
      event.preventDefault()
      event.stopPropagation()
      return false
    })
    this.#listenToElement()
    this.#followSettings()
  }

  #listenToElement(): void {
    const listening = new AbortController()
    const { signal } = listening
    // xterm's own handler would send the clipboard as it is.
    this.#element.addEventListener(
      'paste',
      (event) => {
        event.preventDefault()
        event.stopImmediatePropagation()
        void this.paste(event.clipboardData?.getData('text/plain') ?? '')
      },
      { capture: true, signal },
    )
    this.#element.addEventListener(
      'mouseup',
      () => {
        if (this.#options.settings.value.peek().copyOnSelect && this.#xterm.hasSelection()) void this.copy()
      },
      { signal },
    )
    // A key that takes the focus away is let go of elsewhere, and until it sees one let go xterm takes no text but from keys.
    this.#element.addEventListener(
      'focusout',
      ({ target }) => target?.dispatchEvent(new KeyboardEvent('keyup', { key: 'Shift', keyCode: 16 })),
      { signal },
    )
    // Nothing can be followed before a pointer is there.
    const pointed = () => void this.#findLinks().catch((error) => console.warn('No links', error))
    this.#element.addEventListener('pointerenter', pointed, { signal, once: true })
    const sized = new ResizeObserver(() => this.#fitNow())
    sized.observe(this.#element)
    this.#endings.push(
      this.#followFingers(),
      () => listening.abort(),
      () => sized.disconnect(),
    )
  }

  #followFingers(): () => void {
    const fingers = fingered(this.#xterm, this.#options)
    return followFingers(this.#element, {
      ...fingers,
      select: (at) => {
        this.#selecting = true
        fingers.select(at)
      },
      end: (at) => {
        fingers.end(at)
        this.#selecting = false
        this.#fitNow()
      },
    })
  }

  #followSettings(): void {
    this.#endings.push(
      effect(() => {
        this.#xterm.options.theme = themes[this.#options.theme.value]
      }),
      effect(() => {
        const { fontSize, scrollback, cursorBlink } = this.#options.settings.value.value
        Object.assign(this.#xterm.options, { fontSize, lineHeight: lineHeight(fontSize), scrollback, cursorBlink })
        this.#fitNow()
      }),
    )
  }

  /** Fits to the element; where it is hidden, or a finger selects, the size stays. */
  #fitNow(): void {
    if (this.#restoring || this.#selecting || this.#element.clientWidth === 0 || this.#element.clientHeight === 0)
      return
    keepSelection(this.#xterm, () => this.#fit.fit())
  }

  /** Makes addresses in the text links. */
  async #findLinks(): Promise<void> {
    const { WebLinksAddon } = await import('@xterm/addon-web-links')
    this.#xterm.loadAddon(new WebLinksAddon((_event, address) => void this.#follow(address, address)))
  }

  async #follow(address: string, text: string): Promise<void> {
    const link = checkLink(address, text)
    if (!link.open) return
    if (!link.ask || (await this.#options.confirmLink(link.href, text))) this.#options.openLink(link.href)
  }

  /** What the person sees of a link; its rows and columns count from 1. */
  #textOf({ start, end }: IBufferRange): string {
    let text = ''
    for (let y = start.y; y <= end.y; y++) {
      const from = y === start.y ? start.x - 1 : 0
      const to = y === end.y ? end.x : undefined
      text += this.#xterm.buffer.active.getLine(y - 1)?.translateToString(false, from, to) ?? ''
    }
    return plainLine(text, 2048)
  }
}

/**
 * Moves what is shown, and a note below it, up into the scrollback. Under an alternate screen that is still there lie the
 * lines that the new picture has as well: they go.
 */
function above(note: string, rows: number, stillAlternate: boolean): string {
  const line = noteLine(note)
  const moved = stillAlternate
    ? `\u001b[2J\u001b[H${line}\u001b[999;1H\n`
    : `\u001b[999;1H\r\n${line}${'\n'.repeat(rows)}`
  return `${settling}${moved}\u001b[H`
}

function noteLine(text: string): string {
  return `\u001b[2m── ${plainLine(text, 200)} ──\u001b[0m`
}
