/// <reference types="vite/client" />
import { FitAddon } from '@xterm/addon-fit'
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes'
import { Terminal } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import * as v from 'valibot'
import { Settings } from '../../../pwa/store/schema.ts'
import { themes } from '../../../pwa/terminal/themes.ts'
import { fontFamily, lineHeight } from '../../../pwa/terminal/type.ts'

/** Bytes of one write, and writes that the terminal has at once: as the app feeds it. */
const PIECE = 64 * 1024
const AHEAD = 2

/** xterm.js as the app sets it up, fed from memory: what the page could show if nothing stood before it. */
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
    const { cursorBlink, fontSize, scrollback } = v.parse(Settings, { id: 'settings' })
    const look = { cursorBlink, fontFamily, fontSize, lineHeight: lineHeight(fontSize), scrollback, theme: themes.dark }
    const terminal = new Terminal({ ...look, allowProposedApi: true, minimumContrastRatio: 3 })
    const fit = new FitAddon()
    terminal.loadAddon(fit)
    terminal.loadAddon(new UnicodeGraphemesAddon())
    terminal.open(place)
    fit.fit()
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
