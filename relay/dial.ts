import { lookup as systemLookup } from 'node:dns/promises'
import { connect, isIP, type Socket } from 'node:net'
import { Refusal } from '../shared/failure.ts'
import { gatherWrites } from './gatherWrites.ts'
import type { Policy } from './policy.ts'

/** Resolves a name to all its addresses, best first. */
export type Lookup = (name: string) => Promise<readonly { address: string }[]>

/** How to dial. */
export interface DialOptions {
  policy: Policy
  /** ms to resolve, and again ms to connect. */
  tcpMs: number
  /** Ends the attempt; `dial` then rejects with its reason. */
  signal: AbortSignal
  /** Instead of the system's resolver. */
  lookup?: Lookup | undefined
}

/** An open TCP connection and the address it goes to. */
export interface Dialled {
  socket: Socket
  address: string
}

/** ms of quiet after which the kernel asks whether the peer is there. */
const KEEPALIVE_MS = 15_000

const lookupAll: Lookup = (name) => systemLookup(name, { all: true, verbatim: true })

/**
 * Resolves once, has every address judged, and connects to one that was: nobody can answer the check with one address
 * and the connect with another. One bad address denies the target.
 * @throws Refusal `target-denied`, `name-not-found`, or `no-ssh-server`, which is the same for refused, silent and
 * unreachable ports
 */
export async function dial(host: string, port: number, options: DialOptions): Promise<Dialled> {
  const { policy, tcpMs, signal, lookup = lookupAll } = options
  signal.throwIfAborted()
  const name = policy.checkName(host, port)
  const addresses = isIP(name) ? [name] : await resolve(name, lookup, tcpMs, signal)
  for (const address of addresses) policy.checkAddress(address, port, name)

  const deadline = performance.now() + tcpMs
  for (const [index, address] of addresses.entries()) {
    const share = (deadline - performance.now()) / (addresses.length - index)
    const socket = await open(address, port, share, signal)
    if (!socket) continue
    try {
      policy.checkAddress(socket.remoteAddress ?? '', port, name)
    } catch (error) {
      socket.destroy()
      throw error
    }
    gatherWrites(socket)
    return { socket, address }
  }
  throw new Refusal('no-ssh-server', { phase: 'connection' })
}

async function resolve(name: string, lookup: Lookup, tcpMs: number, signal: AbortSignal): Promise<string[]> {
  const deadline = AbortSignal.timeout(tcpMs)
  const ended = AbortSignal.any([signal, deadline])
  // A resolver cannot be stopped; its late answer is let go.
  const stopped = new Promise<never>((_, reject) => {
    ended.addEventListener('abort', () => reject(ended.reason), { once: true })
  })
  try {
    const found = await Promise.race([lookup(name), stopped])
    const addresses = [...new Set(found.map((entry) => entry.address))]
    if (addresses.length > 0) return addresses
  } catch (cause) {
    signal.throwIfAborted()
    throw new Refusal('name-not-found', { phase: 'name', cause })
  }
  throw new Refusal('name-not-found', { phase: 'name' })
}

/** @returns undefined where nobody answers */
function open(address: string, port: number, ms: number, signal: AbortSignal): Promise<Socket | undefined> {
  return new Promise((settle, reject) => {
    const socket = connect({ host: address, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS })
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.removeAllListeners()
    }
    const give = (result: Socket | undefined) => {
      end()
      if (!result) {
        socket.on('error', () => socket.destroy())
        socket.destroy()
      }
      settle(result)
    }
    const onAbort = () => {
      reject(signal.reason)
      give(undefined)
    }
    const timer = setTimeout(() => give(undefined), Math.max(1, ms))
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', () => give(socket))
    socket.once('error', () => give(undefined))
  })
}
