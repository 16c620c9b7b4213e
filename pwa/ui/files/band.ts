/** CSS pixels that the mouse moves before a press is a frame and not a click. */
const slack = 4

/** What a frame needs of the list that it is drawn in. */
export interface Banded {
  scroller: HTMLElement
  /** The element that shows the frame, within what scrolls. */
  frame: HTMLElement
  rowHeight: number
  /** CSS pixels that a head above the rows covers. */
  head: number
  /** Rows from one index to before another are within the frame; often, while it grows. */
  within(from: number, to: number): void
}

/** Draws a frame from where the mouse was pressed to where it is, until it is let go; resolves with whether there was one. */
export function drawBand(press: PointerEvent, { scroller, frame, rowHeight, head, within }: Banded): Promise<boolean> {
  const ended = new AbortController()
  const { signal } = ended
  const at = ({ clientX, clientY }: PointerEvent) => {
    const box = scroller.getBoundingClientRect()
    return { x: clientX - box.left, y: clientY - box.top - head + scroller.scrollTop }
  }
  const begin = at(press)
  let last = press
  let drawn = false
  let turning = 0
  const draw = () => {
    const end = at(last)
    const top = Math.max(0, Math.min(begin.y, end.y))
    const bottom = Math.max(begin.y, end.y)
    const left = Math.max(0, Math.min(begin.x, end.x))
    const right = Math.min(scroller.clientWidth, Math.max(begin.x, end.x))
    frame.hidden = false
    Object.assign(frame.style, {
      top: `${top}px`,
      height: `${bottom - top}px`,
      left: `${left}px`,
      width: `${right - left}px`,
    })
    within(Math.floor(top / rowHeight), Math.ceil(bottom / rowHeight))
  }
  // Beyond an edge the list scrolls by itself, the faster the further.
  const turn = () => {
    const box = scroller.getBoundingClientRect()
    const beyond = Math.min(0, last.clientY - box.top - head) + Math.max(0, last.clientY - box.bottom)
    if (beyond) {
      scroller.scrollTop += beyond / 3
      draw()
    }
    turning = requestAnimationFrame(turn)
  }
  return new Promise((resolve) => {
    const end = () => {
      ended.abort()
      cancelAnimationFrame(turning)
      frame.hidden = true
      resolve(drawn)
    }
    const moved = (event: PointerEvent) => {
      last = event
      if (!drawn && Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY) < slack) return
      if (!drawn) {
        turning = requestAnimationFrame(turn)
        scroller.setPointerCapture(press.pointerId)
      }
      drawn = true
      draw()
    }
    addEventListener('pointermove', moved, { signal })
    addEventListener('pointerup', end, { signal })
    addEventListener('pointercancel', end, { signal })
  })
}
