import { readSync, writeSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { ServerChannel } from 'ssh2'
import type { ChannelOutput, Source } from './channelOutput.ts'
import type { Ending, Launch, Program } from './program.ts'
import { signalGroup, signalNumbered } from './signals.ts'

/** The one function of the pty package that the host uses. */
export type PtyModule = Pick<typeof import('@lydell/node-pty'), 'spawn'>

/** What a client asked for with pty-req (RFC 4254 §6.2). */
export interface TerminalRequest {
  term: string
  columns: number
  rows: number
}

/** The pty package, or why it cannot be had: it is an optional dependency with a binary for each platform. */
export async function loadPty(): Promise<PtyModule | string> {
  try {
    return (await import('@lydell/node-pty')).default
  } catch (error) {
    return `no pseudo-terminal: ${(error as Error).message.split('\n', 1)[0]}`
  }
}

/** Milliseconds until input is offered again to a terminal whose program does not read. */
const RETRY_MS = 10
/** Bytes that are taken from a terminal in one turn of the loop, and sent in one piece. */
const PIECE = 64 * 1024
/** Bytes of one event that tell of more to come: the kernel hands out some 4 KiB at a time. */
const FLOOD = 1024
/** Pieces that a terminal without a program may still hold; the kernel keeps less. */
const REST_PIECES = 16

/** node-pty 1.1 has these on every Unix terminal, not in its types: the master's descriptor and the stream that reads it. */
interface Master {
  fd: number
  _socket: Readable
}

/** Runs a program on a pseudo-terminal of its own, joined to the channel both ways. */
export function runOnTerminal(
  pty: PtyModule,
  channel: ServerChannel,
  output: ChannelOutput,
  launch: Launch,
  request: TerminalRequest,
): Program {
  const terminal = pty.spawn(launch.file, launch.args, {
    name: request.term,
    cols: request.columns,
    rows: request.rows,
    cwd: launch.cwd,
    env: launch.env,
    encoding: null,
  })
  const master = terminal as unknown as Master
  const reading: Reading = readToTheEnd(master, (bytes) => output.write(bytes, 'stdout', reading))
  const open = () => !master._socket.destroyed
  terminal.onData((data) => {
    // With `encoding: null` the data are Buffers; node-pty types them as strings.
    const bytes = data as unknown as Buffer
    output.write(bytes.length < FLOOD ? bytes : Buffer.concat([bytes, readNow(master)]), 'stdout', reading)
  })
  const ended = new Promise<Ending>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => resolve((signal ? signalNumbered(signal) : undefined) ?? exitCode))
  })
  type(channel, (bytes) => (open() ? offer(master.fd, bytes) : bytes.length)).catch(() => channel.close())
  // After its end the number may name another process.
  let over = false
  ended.then(() => {
    over = true
  })
  const signal = (name: NodeJS.Signals) => {
    if (!over) signalGroup(terminal.pid, name)
  }
  return {
    ended,
    signal,
    resize: (columns, rows) => {
      if (open()) terminal.resize(columns, rows)
    },
    hangUp: () => {
      signal('SIGHUP')
      signal('SIGCONT')
      reading.stop()
    },
  }
}

/** Feeds the channel's input to the terminal as fast as its program reads. */
async function type(channel: ServerChannel, write: (bytes: Buffer) => number): Promise<void> {
  // The end of the input is not that of the channel, which an iterator would destroy.
  for await (const chunk of channel.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let rest = chunk
    while (rest.length > 0) {
      rest = rest.subarray(write(rest))
      if (rest.length > 0) await delay(RETRY_MS)
    }
  }
}

/**
 * Offers bytes to the master, which does not block, and returns how many it took. node-pty's own `write` must not be
 * used: libuv writes to a master as to a blocking file and spins, with the whole relay, until the program reads.
 */
function offer(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') return 0
    // EIO: no program has the terminal open any more.
    if (code === 'EIO') return bytes.length
    throw error
  }
}

/** A stream that can be held, and closed for good. */
interface Reading extends Source {
  stop(): void
}

/**
 * Has a master read to its end before it is closed, however slow the client is. Left alone, output is lost at the end
 * of a program: node-pty closes the master 200 ms later, and libuv takes a hang-up after a short read for the end.
 */
function readToTheEnd(master: Master, take: (bytes: Buffer) => void): Reading {
  const stream = master._socket
  const destroy = stream.destroy.bind(stream)
  let ending = false
  const end = () => {
    if (stream.destroyed || stream.isPaused() || stream.readableLength > 0) return
    for (let pieces = 0; pieces < REST_PIECES; pieces++) {
      const bytes = readNow(master)
      if (bytes.length === 0) break
      take(bytes)
    }
    destroy()
  }
  stream.destroy = () => {
    ending = true
    end()
    return stream
  }
  return {
    pause: () => stream.pause(),
    resume: () => {
      stream.resume()
      if (ending) setImmediate(end)
    },
    stop: () => destroy(),
  }
}

/**
 * Takes at once what a master has, up to a piece: an event for each 4 KiB costs several times as much as the bytes.
 * Nothing is taken while the stream itself holds bytes, which come first.
 */
function readNow({ _socket: stream, fd }: Master): Buffer {
  if (stream.destroyed || stream.readableLength > 0) return Buffer.alloc(0)
  const piece = Buffer.allocUnsafe(PIECE)
  let length = 0
  try {
    while (length < PIECE) {
      const read = readSync(fd, piece, length, PIECE - length, null)
      if (read === 0) break
      length += read
    }
  } catch (error) {
    // EAGAIN: no more for now. EIO: no more at all; the stream meets it too.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EAGAIN' && code !== 'EIO') throw error
  }
  return piece.subarray(0, length)
}
