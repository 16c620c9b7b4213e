import type { ReadonlySignal } from '@preact/signals'
import type { Preferences } from './settings.ts'

/** What a terminal presents to its session and to commands. */
export interface ScreenPort {
  /** Columns and rows as they are now. */
  readonly size: { cols: number; rows: number }
  /** Hands bytes to the terminal; `rendered` is called when they have been parsed, in order. */
  write(data: Uint8Array, rendered: () => void): void
  /** Draws what `serialize` gave. */
  restore(data: string, size: { cols: number; rows: number }): void
  /**
   * Draws a screen that does not follow from what is shown: that moves up, and `note`, a dim line of the app's own, stands
   * between.
   */
  redraw(data: string, size: { cols: number; rows: number }, note: string): void
  /**
   * Escape sequences that draw the screen and its last lines again; undefined while there is nothing to draw.
   * @param scrollback lines above the screen at most
   */
  serialize(scrollback?: number): Promise<{ data: string; cols: number; rows: number } | undefined>
  /** Takes back the modes that a program left on (alternate screen, mouse, hidden cursor) and keeps what is shown. */
  settle(): void
  /** A dim line of the app's own. */
  note(text: string): void
  /** Drops the scrollback and all lines but the one with the cursor. */
  clear(): void
  /** Selects the next match; false where there is none. */
  find(text: string, options?: { backwards?: boolean; caseSensitive?: boolean; regex?: boolean }): Promise<boolean>
  /** Which match is selected, from 0, and how many there are; −1 beyond what is counted. */
  readonly findResults: ReadonlySignal<{ index: number; count: number } | undefined>
  endFind(): void
  selection(): string
  selectAll(): void
  /** Copies the selection; false where there is none or the browser refused. */
  copy(): Promise<boolean>
  /** Pastes text as a person would: cleaned, and asked about where it could run by itself. */
  paste(text: string): Promise<void>
  /** Sends text as if it had been typed. */
  type(text: string): void
  scrollToBottom(): void
  focus(): void
}

/** What a terminal needs of whoever shows it. */
export interface TerminalOptions {
  theme: ReadonlySignal<'dark' | 'light'>
  settings: Preferences
  apple: boolean
  /** True where the key was a command: the shell does not get it. */
  onKey(event: KeyboardEvent): boolean
  /** Asks about several lines that a program would run at once. */
  confirmPaste(text: string): Promise<boolean>
  /** Asks about a link whose text is not its address; `url` is absolute, its host in punycode. */
  confirmLink(url: string, text: string): Promise<boolean>
  openLink(url: string): void
  /** Two fingers ask for another size of the type, in CSS pixels. */
  zoom(fontSize: number): void
}

/** A terminal on the page. */
export interface Terminal extends ScreenPort {
  /** Lets go of its session and leaves the page. */
  dispose(): void
}
