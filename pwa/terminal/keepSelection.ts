import type { Terminal as Xterm } from '@xterm/xterm'

/** Resizes the terminal; what is selected stays selected, unless lines break elsewhere. xterm forgets it otherwise. */
export function keepSelection(xterm: Xterm, resize: () => void): void {
  const { cols } = xterm
  const selected = xterm.getSelectionPosition()
  const { baseY, cursorY } = xterm.buffer.active
  // The lines may move up, or out at the top.
  const first = selected && xterm.registerMarker(selected.start.y - baseY - cursorY)
  resize()
  if (first && !first.isDisposed && xterm.cols === cols && !xterm.hasSelection()) {
    const { start, end } = selected
    xterm.select(start.x, first.line, (end.y - start.y) * cols + end.x - start.x)
  }
  first?.dispose()
}
