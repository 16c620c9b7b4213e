import { signal } from '@preact/signals'
import * as v from 'valibot'
import type { TerminalOptions } from '../../../pwa/model/screenPort.ts'
import type { Session } from '../../../pwa/model/session.ts'
import { Settings } from '../../../pwa/store/schema.ts'
import { openTerminal } from '../../../pwa/terminal/terminal.ts'

/** Bytes of one write, and writes that the terminal has at once: as the app feeds it. */
const PIECE = 64 * 1024
const AHEAD = 2

/** The app's own terminal, fed from memory: what the page could show if nothing stood before it. */
export interface LimitPage {
  /** Opens the terminal in a place of that size, CSS pixels, and fetches what will be shown. */
  open(width: number, height: number, logUrl: string): Promise<void>
  write(text: string): void
  /** Shows the log, and after it a text. */
  show(after: string): void
}

declare global {
  interface Window {
    limitPage: LimitPage
  }
}

let log = new Uint8Array(0)
let write: (data: Uint8Array, done: () => void) => void

window.limitPage = {
  async open(width, height, logUrl) {
    log = new Uint8Array(await (await fetch(logUrl)).arrayBuffer())
    const place = document.querySelector<HTMLElement>('#place')
    if (!place) throw new Error('the page has no place for the terminal')
    Object.assign(place.style, { width: `${width}px`, height: `${height}px` })
    const terminal = await openTerminal(place, session, options)
    write = (data, done) => terminal.write(data, done)
  },
  write(text) {
    write(new TextEncoder().encode(text), () => undefined)
  },
  show(after) {
    let at = 0
    const next = () => {
      if (at > log.length) return
      const last = at + PIECE >= log.length
      const piece = log.subarray(at, at + PIECE)
      at += PIECE
      write(piece, () => (last ? write(new TextEncoder().encode(after), () => undefined) : next()))
    }
    for (let ahead = 0; ahead < AHEAD; ahead++) next()
  },
}

// A session is a class with private parts, which only the relay's sessions have: this stands in for what a terminal uses of it.
const session = {
  attachScreen: () => () => undefined,
  input: () => true,
  reply: () => undefined,
  resize: () => undefined,
  title: signal(undefined),
  directory: signal(undefined),
  bell: signal(0),
} as unknown as Session

const options: TerminalOptions = {
  theme: signal('dark'),
  // The same holds for the preferences of a store.
  settings: { value: signal(v.parse(Settings, { id: 'settings' })) } as unknown as TerminalOptions['settings'],
  apple: false,
  onKey: () => false,
  confirmPaste: async () => false,
  confirmLink: async () => false,
  openLink: () => undefined,
  zoom: () => undefined,
}
