/** Milliseconds after which a finger that rests means more than a tap, and pixels that it may move meanwhile. */
const rest = 450
const slack = 10

/** Runs once the finger of this press has rested; a finger that moves, or leaves before, does nothing. */
export function longPress(press: PointerEvent, run: () => void): void {
  const ended = new AbortController()
  const { signal } = ended
  const timer = setTimeout(() => {
    ended.abort()
    run()
  }, rest)
  signal.addEventListener('abort', () => clearTimeout(timer))
  const end = () => ended.abort()
  addEventListener(
    'pointermove',
    ({ clientX, clientY }) => Math.hypot(clientX - press.clientX, clientY - press.clientY) > slack && end(),
    { signal },
  )
  for (const name of ['pointerup', 'pointercancel'] as const) addEventListener(name, end, { signal })
}
