import { readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Lookup } from '../../relay/dial.ts'
import { Client } from './client.ts'
import { type HostileServer, type Script, startHostile } from './hostileServer.ts'
import type { TestRelay } from './relay.ts'

/** What a process holds: to be compared before and after. */
export interface Footprint {
  /** File descriptors, sockets among them. */
  descriptors: number
  /** Timers that keep the process alive. */
  timers: number
  /** Bytes of JavaScript objects after a collection. */
  heap: number
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What this process holds now. */
export function footprint(): Footprint {
  collect()
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
    heap: process.memoryUsage().heapUsed,
  }
}

/** Where on the way to a shell a visit is broken off: there the server waits, or nobody answers a question. */
const stations = ['name', 'first line', 'key exchange', 'host key', 'login', 'channel', 'shell'] as const
type Station = (typeof stations)[number]

/** A name that is never resolved; the relay's `lookup` must be that of `Visits`. */
const NOWHERE = 'nowhere.test'

/** Connects and disconnects, one after the other; one in ten is broken off on the way, by a word or by a lost socket. */
export class Visits {
  /** How many were broken off where. */
  readonly brokenOff = new Map<Station, number>()
  #reached: () => void = () => undefined
  #servers = new Map<Station | 'well', HostileServer>()

  /** Stands in for the relay's resolver. */
  readonly lookup: Lookup = (name) => {
    if (name !== NOWHERE) throw new Error(`not to be looked up: ${name}`)
    this.#reached()
    return new Promise(() => undefined)
  }

  async open(): Promise<void> {
    const reached = () => this.#reached()
    const scripts: Partial<Record<Station | 'well', Script>> = {
      well: {},
      'first line': { raw: reached },
      'key exchange': {
        raw: (socket) => {
          socket.write('SSH-2.0-slow\r\n')
          // Its answer is the relay's own first line and offer.
          socket.once('data', reached)
        },
      },
      login: { login: reached },
      channel: {
        channel: () => {
          reached()
          return false
        },
      },
      shell: { shell: reached },
    }
    for (const [station, script] of Object.entries(scripts))
      this.#servers.set(station as Station | 'well', await startHostile(script))
  }

  /** Makes so many visits, and resolves when the relay has let go of all of them. */
  async make(relay: TestRelay, visits: number): Promise<void> {
    let client = await Client.open(relay.url)
    for (let visit = 0; visit < visits; visit++) {
      const sessionId = `visit-${visit}`
      const tenth = visit / 10
      if (!Number.isInteger(tenth)) {
        await client.ask('ssh-connect', { sessionId, ...this.#target('well') })
        await client.ask('ssh-disconnect', { sessionId })
        continue
      }
      const station = stations[tenth % stations.length] as Station
      const reached = new Promise<void>((resolve) => {
        this.#reached = resolve
      })
      const interactive = station === 'host key'
      client.send('ssh-connect', { sessionId, ...this.#target(interactive ? 'well' : station), interactive })
      await (interactive ? client.next('ssh-prompt', (one) => one.sessionId === sessionId) : reached)
      this.brokenOff.set(station, (this.brokenOff.get(station) ?? 0) + 1)
      if (tenth % 2 === 0) await client.ask('ssh-disconnect', { sessionId })
      client.close()
      client = await Client.open(relay.url)
    }
    client.close()
  }

  /** Connections to its servers that are held by the relay. */
  held(): number {
    return [...this.#servers.values()].reduce((sum, server) => sum + server.held(), 0)
  }

  async close(): Promise<void> {
    for (const server of this.#servers.values()) await server.close()
    this.#servers.clear()
  }

  #target(station: Station | 'well') {
    const server = this.#servers.get(station)
    return { host: server ? '127.0.0.1' : NOWHERE, port: server?.port ?? 22, username: 'x', password: 'y' }
  }
}
