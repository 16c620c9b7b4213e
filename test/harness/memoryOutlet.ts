import type { Failed } from '../../pwa/model/failure.ts'
import type { Head, OpenOutlet, Outlet } from '../../pwa/model/out/outlet.ts'

/** One file that left the app, as the browser would have it. */
export interface Left {
  head: Head
  bytes(): Buffer
  state: 'open' | 'whole' | 'failed'
  /** The person cancels it in the browser. */
  cancel(reason: Failed): void
}

/** A way out into memory. @param before waited for before each write, as for a slow disk */
export function memoryOutlets(before: () => Promise<void> = async () => undefined): { open: OpenOutlet; left: Left[] } {
  const left: Left[] = []
  const open: OpenOutlet = async (head) => {
    const chunks: Uint8Array[] = []
    const ended = new AbortController()
    const one: Left = {
      head,
      bytes: () => Buffer.concat(chunks),
      state: 'open',
      cancel: (reason) => ended.abort(reason),
    }
    left.push(one)
    return {
      ended: ended.signal,
      async write(data) {
        ended.signal.throwIfAborted()
        chunks.push(data.slice())
        await before()
      },
      async close() {
        one.state = 'whole'
      },
      async fail() {
        one.state = 'failed'
      },
    } satisfies Outlet
  }
  return { open, left }
}
