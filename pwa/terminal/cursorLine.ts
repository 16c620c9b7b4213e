import type { IBuffer } from '@xterm/xterm'
import type { Line } from './guess.ts'

/** The line of xterm's buffer that its cursor is in. */
export function cursorLine(buffer: IBuffer): Line {
  const row = buffer.baseY + buffer.cursorY
  const line = buffer.getLine(row)
  const cells: string[] = []
  const cell = buffer.getNullCell()
  for (let col = 0; col < (line?.length ?? 0); col++) {
    line?.getCell(col, cell)
    cells.push(cell.getWidth() === 0 ? '' : cell.getChars() || ' ')
  }
  return { row, col: buffer.cursorX, cells }
}
