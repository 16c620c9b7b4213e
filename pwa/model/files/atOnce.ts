/**
 * Does `work` with everything that comes, up to `most` at once. After an abort, or a failure, nothing further begins; it
 * settles once all that was begun has ended, and rejects with the first failure.
 */
export async function atOnce<T>(
  items: AsyncIterable<T> | Iterable<T>,
  most: number,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const running = new Set<Promise<void>>()
  const failed: unknown[] = []
  try {
    for await (const item of items) {
      if (signal?.aborted || failed.length > 0) break
      const one = work(item)
        .catch((error: unknown) => {
          failed.push(error)
        })
        .finally(() => running.delete(one))
      running.add(one)
      if (running.size >= most) await Promise.race(running)
    }
  } finally {
    await Promise.all(running)
  }
  if (failed.length > 0) throw failed[0]
}
