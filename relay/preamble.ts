import type { Duplex } from 'node:stream'

/** Bytes before the identification line that are taken from a server. */
const PREAMBLE_MAX = 64 * 1024

/** Watches a stream for the line with which an SSH server begins (RFC 4253 §4.2), beside ssh2 that reads the same bytes. */
export function watchPreamble(stream: Duplex, on: { found(): void; tooLong(): void }): void {
  let bytes = 0
  let tail = '\n'
  const listen = (chunk: Buffer) => {
    bytes += chunk.length
    const text = tail + chunk.toString('latin1')
    tail = text.slice(-'\nSSH'.length)
    if (text.includes('\nSSH-')) {
      stream.off('data', listen)
      on.found()
    } else if (bytes > PREAMBLE_MAX) {
      stream.off('data', listen)
      on.tooLong()
    }
  }
  // After this turn, so that ssh2's own listener is the first and nothing flows before it is there.
  queueMicrotask(() => stream.on('data', listen))
}
