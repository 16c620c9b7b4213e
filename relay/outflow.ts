import type { Peer } from './session.ts'

/**
 * What has been given to a socket whose client acknowledges nothing (seed 000) and has not been taken by the transport.
 * Held per socket by its own back-pressure: engine.io says `drain` when its queue has gone to the transport.
 */
export class Outflow {
  static readonly #all = new WeakMap<Peer['conn'], Outflow>()
  #bytes = 0
  readonly #waiting = new Set<() => void>()

  private constructor(peer: Peer) {
    peer.conn.on('drain', () => {
      this.#bytes = 0
      const waiting = [...this.#waiting]
      this.#waiting.clear()
      // Not in this turn: `drain` comes out of the middle of a send.
      for (const go of waiting) setImmediate(go)
    })
  }

  static of(peer: Peer): Outflow {
    let outflow = Outflow.#all.get(peer.conn)
    if (!outflow) {
      outflow = new Outflow(peer)
      Outflow.#all.set(peer.conn, outflow)
    }
    return outflow
  }

  /** Counts bytes before they are emitted. */
  add(bytes: number): void {
    this.#bytes += bytes
  }

  /** Whether as many bytes as `window` wait in the queue. */
  full(window: number): boolean {
    return this.#bytes >= window
  }

  /** Calls once when the queue has been taken; the same function given twice is called once. */
  whenDrained(go: () => void): void {
    this.#waiting.add(go)
  }
}
