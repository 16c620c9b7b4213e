import type { Desk } from './desk.ts'
import type { Shortcut } from './keys.ts'

/** Something a person can do. Palette, key, button and menu are ways to run it; none has logic of its own. */
export interface Command<A = unknown> {
  /** Verb and noun, as its file is named. */
  id: string
  title: string | ((desk: Desk) => string)
  /** The first is the one that is shown. */
  keys?: readonly Shortcut[]
  /** In place of `keys` on Apple. */
  appleKeys?: readonly Shortcut[]
  /** The keys hold only while the terminal, or a list of files, has the focus; `native` leaves them to the browser, which does the same. */
  keysIn?: 'terminal' | 'files' | 'native'
  /** Whether it can be done now; without it, always. */
  when?(desk: Desk): boolean
  /** Runs only with an argument: it stands in no palette. */
  needsArgument?: true
  /** Whatever it returns is waited for; it may reject with `Failed`, which is shown. */
  run(desk: Desk, argument?: A): unknown
}
