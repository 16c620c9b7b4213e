/** A place on the page, in CSS pixels. */
export interface Spot {
  x: number
  y: number
}

/** What fingers can do to a terminal. */
export interface Fingered {
  /** Height of a line, in CSS pixels. */
  lineHeight(): number
  /** Scrolls towards newer lines, or tells the program where that has the wheel. */
  scroll(lines: number, at: Spot): void
  /** Size of the type, in CSS pixels. */
  fontSize(): number
  zoom(fontSize: number): void
  /** Selects the word at a place; `extend` and `end` follow. */
  select(at: Spot): void
  extend(at: Spot): void
  end(at: Spot): void
  /** Takes back what is selected. */
  deselect(): void
}

/** Milliseconds that a finger rests until it selects, and CSS pixels that it may stray meanwhile. */
const press = { ms: 450, stray: 8 }
/** By how much two fingers must part, as a factor, until they are understood to pinch. */
const parted = 1.08
/** What is left of a flick's speed after each millisecond, and CSS pixels a millisecond below which it rests. */
const flick = { keeps: 0.996, rest: 0.05 }

type Gesture =
  | { kind: 'undecided' | 'scroll' }
  | { kind: 'select' }
  | { kind: 'two'; apart: number; fontSize: number }
  | { kind: 'pinch'; apart: number; fontSize: number }

/**
 * Lets fingers do what a mouse does otherwise: one scrolls, with a flick at its end, or selects after a rest; two change
 * the size of the type, or scroll. A tap stays a click. Returns what ends it.
 */
export function followFingers(element: HTMLElement, terminal: Fingered): () => void {
  const listening = new AbortController()
  const { signal } = listening
  let gesture: Gesture = { kind: 'undecided' }
  let resting: ReturnType<typeof setTimeout> | undefined
  let from: Spot & { at: number } = { x: 0, y: 0, at: 0 }
  let last: Spot & { at: number; speed: number } = { x: 0, y: 0, at: 0, speed: 0 }
  let rest = 0
  let frame = 0

  const scrollBy = (pixels: number, at: Spot) => {
    rest += pixels
    const lines = Math.trunc(rest / terminal.lineHeight())
    rest -= lines * terminal.lineHeight()
    if (lines !== 0) terminal.scroll(lines, at)
  }
  const glide = (at: Spot, speed: number, before: number) => {
    frame = requestAnimationFrame((now) => {
      const ms = Math.min(50, now - before)
      scrollBy(speed * ms, at)
      const left = speed * flick.keeps ** ms
      if (Math.abs(left) > flick.rest) glide(at, left, now)
    })
  }
  const begin = (event: TouchEvent) => {
    cancelAnimationFrame(frame)
    clearTimeout(resting)
    const at = middle(event.touches)
    if (gesture.kind === 'select') terminal.end(at)
    rest = 0
    from = { ...at, at: event.timeStamp }
    last = { ...at, at: event.timeStamp, speed: 0 }
    if (event.touches.length > 1) {
      gesture = { kind: 'two', apart: distance(event.touches), fontSize: terminal.fontSize() }
      return
    }
    gesture = { kind: 'undecided' }
    resting = setTimeout(() => {
      gesture = { kind: 'select' }
      terminal.select(from)
    }, press.ms)
  }
  const move = (event: TouchEvent) => {
    event.preventDefault()
    const at = middle(event.touches)
    const strayed = Math.hypot(at.x - from.x, at.y - from.y) > press.stray
    if (gesture.kind === 'select' && strayed && event.timeStamp - from.at < press.ms) {
      // It did not rest: a page that was held up hears of the time before it hears of the finger.
      terminal.end(at)
      terminal.deselect()
      gesture = { kind: 'scroll' }
    }
    if (gesture.kind === 'select') {
      terminal.extend(at)
      return
    }
    if (gesture.kind === 'undecided' && strayed) {
      clearTimeout(resting)
      gesture = { kind: 'scroll' }
    } else if (gesture.kind === 'two') {
      const factor = distance(event.touches) / gesture.apart
      if (Math.max(factor, 1 / factor) > parted) gesture = { ...gesture, kind: 'pinch' }
      else if (strayed) gesture = { kind: 'scroll' }
    }
    if (gesture.kind === 'pinch') terminal.zoom((gesture.fontSize * distance(event.touches)) / gesture.apart)
    if (gesture.kind !== 'scroll') return
    const pixels = last.y - at.y
    const ms = Math.max(1, event.timeStamp - last.at)
    last = { ...at, at: event.timeStamp, speed: 0.6 * (pixels / ms) + 0.4 * last.speed }
    scrollBy(pixels, at)
  }
  const end = (event: TouchEvent) => {
    clearTimeout(resting)
    // Without this a click would follow, and take the selection away or open the keyboard.
    if (gesture.kind !== 'undecided' && event.cancelable) event.preventDefault()
    if (event.touches.length > 0) {
      // A finger that is left of two does nothing any more.
      gesture = { kind: 'pinch', apart: Number.POSITIVE_INFINITY, fontSize: 0 }
      return
    }
    const held = event.timeStamp - last.at > 60
    const still = held || matchMedia('(prefers-reduced-motion: reduce)').matches
    if (gesture.kind === 'select') terminal.end(middle(event.changedTouches))
    else if (gesture.kind === 'scroll' && !still) glide(last, last.speed, performance.now())
    gesture = { kind: 'undecided' }
  }
  element.addEventListener('touchstart', begin, { signal, passive: true })
  element.addEventListener('touchmove', move, { signal, passive: false })
  element.addEventListener('touchend', end, { signal, passive: false })
  element.addEventListener('touchcancel', end, { signal, passive: false })
  element.addEventListener(
    'contextmenu',
    (event) => {
      // The menu that a long press opens; that of a mouse stays.
      if (gesture.kind === 'select' || resting !== undefined) event.preventDefault()
    },
    { signal, capture: true },
  )
  return () => {
    listening.abort()
    clearTimeout(resting)
    cancelAnimationFrame(frame)
  }
}

function middle(touches: TouchList): Spot {
  const all = [...touches]
  const mean = (of: (touch: Touch) => number) => all.reduce((sum, touch) => sum + of(touch), 0) / all.length
  return { x: mean((touch) => touch.clientX), y: mean((touch) => touch.clientY) }
}

function distance([one, two]: TouchList): number {
  return one && two ? Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY) : 1
}
