import { typedWidth } from './typedWidth.ts'

/** The line with the cursor. */
export interface Line {
  /** Its place in the buffer, the scrollback counted. */
  row: number
  /** Column of the cursor, from 0. */
  col: number
  /** What each column holds: a space where nothing was written, '' in the second column of a wide character. */
  cells: readonly string[]
}

/** A line as it is guessed to become. What was typed fills the columns from `start` up to `end`. */
export interface Guess extends Line {
  start: number
  end: number
}

/** Characters of one piece of input above which it is not typed any more. */
const TYPED = 32

/** What was typed in one piece, key by key; undefined where the effect of any of it cannot be known. */
export function keysOf(data: string): readonly string[] | undefined {
  if (control(data)) return [data]
  const keys = data.length <= TYPED ? [...data] : []
  return keys.length > 0 && keys.every((key) => typedWidth(key)) ? keys : undefined
}

/**
 * The line after a key, as every shell and the terminal driver of the host show it; undefined where they differ, as in the
 * middle of a line or in its last column.
 */
export function guess(key: string, line: Guess): Guess | undefined {
  const { row, col, start, end, cells } = line
  const before = cells[col - 1]
  switch (control(key)) {
    case 'left':
      return col > start && before !== '' ? { ...line, col: col - 1 } : undefined
    case 'right':
      return col < end && cells[col + 1] !== '' ? { ...line, col: col + 1 } : undefined
    case 'erase':
      if (col !== end || col === start || before === '' || cells[col] !== ' ') return undefined
      return { row, col: col - 1, start, end: end - 1, cells: cells.with(col - 1, ' ') }
  }
  const width = typedWidth(key)
  if (!width || col !== end || col + width >= cells.length) return undefined
  if (cells.slice(col, col + width).some((cell) => cell !== ' ')) return undefined
  const typed = width === 1 ? [key] : [key, '']
  const after = [...cells.slice(0, col), ...typed, ...cells.slice(col + width)]
  return { row, col: col + width, start, end: col + width, cells: after }
}

/** Whether the terminal shows what was guessed: the cursor there, and before it this text. What follows is the shell's affair. */
export function shows(seen: Line, { row, col, cells }: Line): boolean {
  if (seen.row !== row || seen.col !== col || seen.cells.length !== cells.length) return false
  for (let at = 0; at < col; at++) if (seen.cells[at] !== cells[at]) return false
  return true
}

function control(data: string): 'left' | 'right' | 'erase' | undefined {
  if (data === '\u001b[D' || data === '\u001bOD') return 'left'
  if (data === '\u001b[C' || data === '\u001bOC') return 'right'
  return data === '\u007f' || data === '\b' ? 'erase' : undefined
}
