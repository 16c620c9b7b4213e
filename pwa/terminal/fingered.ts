import type { Terminal as Xterm } from '@xterm/xterm'
import type { TerminalOptions } from '../model/screenPort.ts'
import type { Fingered, Spot } from './fingers.ts'

/** What fingers do to xterm, which knows mice only: a rest is a double click, and what moves after it drags. */
export function fingered(xterm: Xterm, { settings, apple, zoom }: TerminalOptions): Fingered {
  const screen = () => xterm.element?.querySelector('.xterm-screen') ?? undefined
  const taken = () => xterm.modes.mouseTrackingMode !== 'none'
  const mouse = (type: string, { x, y }: Spot, target: EventTarget | undefined) => {
    const buttons = type === 'mouseup' ? 0 : 1
    const at = { clientX: x, clientY: y, button: 0, buttons, detail: 2, bubbles: true, cancelable: true }
    // A program that has the mouse would get it otherwise.
    const forced = taken() && { shiftKey: !apple, altKey: apple }
    target?.dispatchEvent(new MouseEvent(type, { ...at, ...forced }))
  }
  return {
    lineHeight: () => (screen()?.clientHeight ?? 0) / xterm.rows || 1,
    scroll(lines, { x, y }) {
      if (xterm.buffer.active.type === 'normal' && !taken()) {
        xterm.scrollLines(lines)
        return
      }
      const deltaMode = WheelEvent.DOM_DELTA_LINE
      const wheel = { deltaY: Math.sign(lines), deltaMode, clientX: x, clientY: y, bubbles: true, cancelable: true }
      for (let line = 0; line < Math.abs(lines); line++) screen()?.dispatchEvent(new WheelEvent('wheel', wheel))
    },
    fontSize: () => settings.value.peek().fontSize,
    zoom,
    select: (at) => mouse('mousedown', at, screen()),
    extend: (at) => mouse('mousemove', at, document),
    end: (at) => mouse('mouseup', at, screen()),
    deselect: () => xterm.clearSelection(),
  }
}
