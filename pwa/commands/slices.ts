/** Milliseconds of work after which the page gets a turn: a frame is 16. */
const slice = 12

/**
 * Runs work in slices, so that the page stays quick: each `yield` of the work is a place where it may rest. What ends
 * before its first `yield` is done at once. Returns what stops it; then `done` is not called.
 */
export function inSlices<T>(work: Generator<void, T>, done: (result: T) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const go = () => {
    const end = performance.now() + slice
    for (;;) {
      const step = work.next()
      if (step.done) return done(step.value)
      if (performance.now() >= end) break
    }
    timer = setTimeout(go)
  }
  go()
  return () => {
    clearTimeout(timer)
    work.return(undefined as T)
  }
}
