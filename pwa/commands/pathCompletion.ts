import { joinPath } from '../../shared/fileInfo.ts'

/** A path as it is typed, cut where completing goes on. */
export interface TypedPath {
  /** The directory that is looked into: absolute, or `.` for where one begins. */
  parent: string
  /** What was typed up to and with the last slash. */
  before: string
  /** What was typed of the name. */
  start: string
}

/** Where a typed path leads: `~` is the home directory, and what begins with no slash goes on from where one is. */
export function wholePath(text: string, here: string, home: string | undefined): string {
  if (text === '~') return home ?? '.'
  if (text.startsWith('~/')) return home === undefined ? text.slice(2) || '.' : joinPath(home, text.slice(2))
  return text.startsWith('/') ? text : joinPath(here, text)
}

/** Cuts a typed path at its last slash. */
export function typedPath(text: string, here: string, home: string | undefined): TypedPath {
  const cut = text === '~' ? 1 : text.lastIndexOf('/') + 1
  const before = text === '~' ? '~/' : text.slice(0, cut)
  return { parent: before ? wholePath(before, here, home) : here, before, start: text.slice(cut) }
}

/** The names that go on with what was typed: in the very case first, then in either; hidden ones only after a dot. */
export function completions(names: readonly string[], start: string): string[] {
  const lower = start.toLocaleLowerCase()
  const fitting = names.filter(
    (name) => name.toLocaleLowerCase().startsWith(lower) && (start.startsWith('.') || !name.startsWith('.')),
  )
  const exact = fitting.filter((name) => name.startsWith(start))
  return [...exact, ...fitting.filter((name) => !name.startsWith(start))]
}

/** The longest beginning that all names share, in the first one's letters. */
export function sharedStart(names: readonly string[]): string {
  const [first = '', ...others] = names
  let length = first.length
  for (const name of others) {
    while (!name.toLocaleLowerCase().startsWith(first.slice(0, length).toLocaleLowerCase())) length--
  }
  return first.slice(0, length)
}
