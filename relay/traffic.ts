import type ssh2 from 'ssh2'
import type { ClientChannel } from 'ssh2'

/** Bytes of a channel so far: from the host, and to it. */
export interface Bytes {
  out: number
  in: number
}

// What is read and replaced here is private to ssh2, which is pinned; `test/relay/audit.test.ts` fails when it moves.
interface Protocol {
  channelData(remote: number, data: Uint8Array): void
  _handlers: { CHANNEL_DATA(protocol: Protocol, local: number, data: Uint8Array): void }
}
interface Ends {
  incoming: { id: number }
  outgoing: { id: number }
}

/** Counts what goes over single channels of one client, which ssh2 does not. */
export class Traffic {
  readonly #byLocal = new Map<number, Bytes>()
  readonly #byRemote = new Map<number, Bytes>()

  constructor(client: InstanceType<typeof ssh2.Client>) {
    const { _protocol: protocol } = client as unknown as { _protocol: Protocol }
    const { CHANNEL_DATA: take } = protocol._handlers
    const give = protocol.channelData
    protocol._handlers.CHANNEL_DATA = (from, local, data) => {
      const bytes = this.#byLocal.get(local)
      if (bytes) bytes.out += data.length
      take(from, local, data)
    }
    protocol.channelData = (remote, data) => {
      const bytes = this.#byRemote.get(remote)
      if (bytes) bytes.in += data.length
      give.call(protocol, remote, data)
    }
  }

  /** Counts from now on, until the channel closes. */
  count(channel: ClientChannel): Bytes {
    const bytes = { out: 0, in: 0 }
    const { incoming, outgoing } = channel as unknown as Ends
    this.#byLocal.set(incoming.id, bytes)
    this.#byRemote.set(outgoing.id, bytes)
    channel.once('close', () => {
      if (this.#byLocal.get(incoming.id) === bytes) this.#byLocal.delete(incoming.id)
      if (this.#byRemote.get(outgoing.id) === bytes) this.#byRemote.delete(outgoing.id)
    })
    return bytes
  }
}
