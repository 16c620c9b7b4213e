/** A part of a file: where it begins, and its bytes. */
export interface Piece {
  offset: number
  length: number
}

/** How a part of a file is gone through. */
export interface Course {
  from: number
  to: number
  /** Bytes of one piece at most. */
  size: number
  /** How many are on their way at once; read anew before each. */
  most(): number
  signal: AbortSignal
  /** Everything before this offset is done. */
  reached(offset: number): void
}

/**
 * Does `work` with the pieces from `from` to `to`, begun in order, several at once. Rejects with the first failure, or the reason
 * of the abort, without waiting for what is on its way.
 */
export async function inPieces(course: Course, work: (piece: Piece) => Promise<void>): Promise<void> {
  const { to, size, signal } = course
  const running = new Set<Promise<void>>()
  /** Offsets at which pieces that are done end, by where they begin. */
  const done = new Map<number, number>()
  let next = course.from
  let reached = course.from
  let failed: { error: unknown } | undefined
  let abort: () => void = () => undefined
  const aborted = new Promise<void>((resolve) => {
    abort = resolve
  })
  signal.addEventListener('abort', abort)
  const begin = (piece: Piece) => {
    const one = work(piece)
      .then(() => {
        if (failed || signal.aborted) return
        done.set(piece.offset, piece.offset + piece.length)
        const before = reached
        for (let end = done.get(reached); end !== undefined; end = done.get(reached)) {
          done.delete(reached)
          reached = end
        }
        if (reached > before) course.reached(reached)
      })
      .catch((error: unknown) => {
        failed ??= { error }
      })
      .finally(() => running.delete(one))
    running.add(one)
  }
  try {
    while ((next < to || running.size > 0) && !failed) {
      signal.throwIfAborted()
      while (next < to && running.size < course.most()) {
        const length = Math.min(size, to - next)
        begin({ offset: next, length })
        next += length
      }
      await Promise.race([...running, aborted])
    }
  } finally {
    signal.removeEventListener('abort', abort)
  }
  signal.throwIfAborted()
  if (failed) throw failed.error
}
