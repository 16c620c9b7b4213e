import { chance } from './chance.ts'
import { Client, Refused } from './client.ts'
import { type HostileServer, message, messageOf, startHostile, type Wire } from './hostileServer.ts'
import { startProxy } from './proxy.ts'
import type { TestRelay } from './relay.ts'

/** A TCP proxy on loopback that turns over bits of what comes from its target. */
export interface Flipper {
  port: number
  /** Bytes of a connection that are left as they are, from the next connection on. */
  from: number
  /** Bits turned over so far. */
  readonly flipped: number
  close(): Promise<void>
}

/** Starts one before a port on loopback; about one byte in `every` is changed. */
export async function startFlipper(target: number, options: { seed: number; every: number }): Promise<Flipper> {
  const random = chance(options.seed)
  let flipped = 0
  const proxy = await startProxy(
    () => target,
    (near, far) => {
      let left = flipper.from
      far.on('data', (chunk) => {
        for (let at = left + random(options.every); at < chunk.length; at += 1 + random(2 * options.every)) {
          chunk.writeUInt8(chunk.readUInt8(at) ^ (1 << random(8)), at)
          flipped += 1
        }
        left = Math.max(0, left - chunk.length)
        near.write(chunk)
      })
      near.on('data', (chunk) => far.write(chunk))
    },
  )
  const flipper: Flipper = {
    ...proxy,
    from: 0,
    get flipped() {
      return flipped
    },
  }
  return flipper
}

const samples = [
  messageOf(1, 2, 'goodbye', ''),
  messageOf(message.ignore, 'x'),
  messageOf(4, true, 'debug', ''),
  messageOf(message.serviceAccept, 'ssh-userauth'),
  messageOf(7, 1, 'server-sig-algs', 'ssh-ed25519,rsa-sha2-256'),
  messageOf(message.kexinit, Buffer.alloc(16)),
  messageOf(21),
  messageOf(31, 'key', 'point', 'signature'),
  messageOf(message.authFailure, 'publickey,password', false),
  messageOf(message.authSuccess),
  messageOf(message.banner, 'welcome', ''),
  messageOf(message.infoRequest, 'name', 'instructions', '', 1, 'code?', true),
  messageOf(message.globalRequest, 'keepalive@openssh.com', true),
  messageOf(message.globalRequest, 'hostkeys-00@openssh.com', false, 'key'),
  messageOf(81, 0),
  messageOf(82),
  messageOf(message.channelOpen, 'forwarded-tcpip', 1, 1000, 1000, 'here', 1, 'there', 2),
  messageOf(message.channelOpen, 'session', 1, 1000, 1000),
  messageOf(91, 0, 0, 1000, 1000),
  messageOf(92, 0, 1, 'no', ''),
  messageOf(message.windowAdjust, 0, 1000),
  messageOf(message.data, 0, 'output'),
  messageOf(message.extendedData, 0, 1, 'error'),
  messageOf(96, 0),
  messageOf(message.close, 0),
  messageOf(message.channelRequest, 0, 'exit-status', false, 1),
  messageOf(message.channelRequest, 0, 'exit-signal', false, 'TERM', false, 'text', ''),
  messageOf(message.channelRequest, 0, 'unheard-of', true),
  messageOf(99, 0),
  messageOf(100, 0),
]

/** What a run of `meetMutants` came to. */
interface Mutated {
  /** Bytes of the messages that were changed. */
  bytes: number
  connections: number
  /** Whether a shell was got all the same, or the code of the failure; how often. */
  outcomes: Record<string, number>
}

/**
 * A relay connects to a server that puts changed messages between the right ones, in the login and in the shell, well
 * encrypted, until so many bytes of them have been sent.
 * @throws where an answer is not a failure of the protocol
 */
export async function meetMutants(relay: TestRelay, options: { bytes: number; seed: number }): Promise<Mutated> {
  const random = chance(options.seed)
  const mutated: Mutated = { bytes: 0, connections: 0, outcomes: {} }
  const pour = (wire: Wire) => {
    for (let turn = random(20); turn >= 0; turn--) {
      const changed = Buffer.concat([
        samples[random(samples.length)] as Buffer,
        Buffer.alloc(random(4) === 0 ? random(300) : 0),
      ])
      for (let change = random(6); change >= 0; change--) changed.writeUInt8(random(256), random(changed.length))
      mutated.bytes += changed.length
      wire.sendBytes(changed)
    }
  }
  const server: HostileServer = await startHostile({
    login: (context, wire) => {
      if (random(2) === 0) pour(wire)
      context.accept()
    },
    shell: (start, wire) => {
      start()
      pour(wire)
    },
  })
  const client = await Client.open(relay.url)
  while (mutated.bytes < options.bytes) {
    const sessionId = `mutant-${mutated.connections++}`
    const outcome = await client
      .ask('ssh-connect', { sessionId, host: '127.0.0.1', port: server.port, username: 'x', password: 'y' })
      .then(
        () => 'shell',
        (error: unknown) => {
          if (error instanceof Refused) return error.failure.code
          throw error
        },
      )
    mutated.outcomes[outcome] = (mutated.outcomes[outcome] ?? 0) + 1
    await client.ask('ssh-disconnect', { sessionId }).catch((error: unknown) => {
      if (!(error instanceof Refused) || error.failure.code !== 'no-session') throw error
    })
  }
  client.close()
  await server.close()
  return mutated
}
