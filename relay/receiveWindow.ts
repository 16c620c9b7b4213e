import type ssh2 from 'ssh2'
import type { ClientChannel } from 'ssh2'

type Client = InstanceType<typeof ssh2.Client>

/** The window with which ssh2 1.17 opens every channel, in bytes. */
export const SSH2_WINDOW = 2 * 1024 * 1024

/** Steps in which a window that is kept open is granted again. */
const STEPS = 16

// What is read and replaced here is private to ssh2, which is pinned; `test/relay/receiveWindow.test.ts` fails when it moves.
interface Protocol {
  session(id: number, window: number, packet: number): void
  channelWindowAdjust(id: number, bytes: number): void
}
interface Ends {
  incoming: { window: number }
  outgoing: { id: number; state: string }
}

/** What becomes of what a server sends. */
interface Sink {
  /** @param stderr whether it came as standard error (RFC 4254 §5.2), which there is only without a terminal */
  data(chunk: Buffer, stderr: boolean): void
  /** The server has sent more than it may. */
  overrun(): void
}

/**
 * The receive window of a channel (RFC 4254 §5.2), taken out of ssh2's hands. ssh2 grants 2 MiB, goes on granting while
 * a channel is paused, drops what comes at a window of nought and takes what comes beyond it. Here a server may send
 * exactly what was granted, and every byte is handed on in the turn in which it came: nothing waits in streams.
 */
export class ReceiveWindow {
  readonly #ends: Ends
  readonly #protocol: Protocol

  /** @param size bytes that the channel was opened with by `openWith` */
  constructor(client: Client, channel: ClientChannel, size: number, sink: Sink) {
    this.#ends = channel as unknown as Ends
    this.#protocol = protocolOf(client)
    // One more than the truth, since ssh2 looks away at nought.
    this.#ends.incoming.window += size - SSH2_WINDOW + 1
    for (const stream of [channel, channel.stderr]) {
      // Where ssh2 would grant what it thinks has been read.
      stream._read = () => undefined
      const push = stream.push
      stream.push = (chunk: Buffer | null) => {
        if (chunk === null) return push.call(stream, null)
        if (this.left < 0) sink.overrun()
        else sink.data(chunk, stream === channel.stderr)
        // ssh2 takes this for a full stream, and leaves the window alone.
        return false
      }
      stream.resume()
    }
  }

  /** Calls `open`, which opens one channel, so that it is opened with this window. */
  static openWith(client: Client, size: number, open: () => void): void {
    const protocol = protocolOf(client)
    const { session } = protocol
    protocol.session = (id, _window, packet) => session.call(protocol, id, size, packet)
    try {
      open()
    } finally {
      protocol.session = session
    }
  }

  /**
   * Has a channel that was opened with `openWith` granted again what it has given, in steps: whoever reads it takes all at once.
   * ssh2 grants in steps of 1 MiB, which a far server has to wait for.
   * @param size bytes that the channel was opened with, beyond what ssh2 grants
   */
  static keepOpen(client: Client, channel: ClientChannel, size: number): void {
    const { incoming, outgoing } = channel as unknown as Ends
    const protocol = protocolOf(client)
    incoming.window += size - SSH2_WINDOW
    let taken = 0
    channel.on('data', (chunk: Buffer) => {
      taken += chunk.length
      if (taken < size / STEPS || outgoing.state !== 'open') return
      incoming.window += taken
      protocol.channelWindowAdjust(outgoing.id, taken)
      taken = 0
    })
  }

  /** Bytes that the server may still send. */
  get left(): number {
    return this.#ends.incoming.window - 1
  }

  /** Lets the server send more bytes. */
  grant(bytes: number): void {
    const { incoming, outgoing } = this.#ends
    if (outgoing.state === 'closed') return
    incoming.window += bytes
    this.#protocol.channelWindowAdjust(outgoing.id, bytes)
  }
}

function protocolOf(client: Client): Protocol {
  return (client as unknown as { _protocol: Protocol })._protocol
}
