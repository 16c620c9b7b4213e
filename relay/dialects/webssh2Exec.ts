import { randomUUID } from 'node:crypto'
import type { Socket } from 'socket.io'
import * as v from 'valibot'
import { Refusal } from '../../shared/failure.ts'
import { type ClientMessage, clientEvents, type ServerPayload, Term } from '../../shared/protocol.ts'
import type { Connection } from '../connection.ts'
import type { Peer } from '../session.ts'
import type { Sessions } from '../sessions.ts'
import { Shell } from '../shell.ts'
import type { Webssh2Message } from './webssh2Events.ts'
import { peerOf } from './webssh2Peer.ts'

/** What commands are run for. */
export interface ExecOptions {
  socket: Socket
  sessions: Sessions
  /** What the login was asked for: commands go to the same place, with the same kind of terminal. */
  connect: ClientMessage<'ssh-connect'>
}

/**
 * The commands that a client runs beside its shell, on the same connection: without a terminal where it asks for none.
 * Output comes as it is made, as `data` for clients of today and as `exec-data` for those that tell its streams apart.
 */
export class Webssh2Exec {
  readonly #options: ExecOptions
  readonly #running = new Set<Peer>()

  constructor(options: ExecOptions) {
    this.#options = options
  }

  /** Resolves when it runs; its end is told by `exec-exit`. A refusal is told to the client. */
  async run(
    connection: Connection,
    asked: Webssh2Message<'exec'>,
    size: { cols: number; rows: number },
  ): Promise<void> {
    const { socket, sessions } = this.#options
    const connect = this.#connectOf(asked, size)
    if (!connect) {
      socket.emit('ssherror', 'Invalid exec request')
      return
    }
    let timer: NodeJS.Timeout | undefined
    const peer = peerOf(socket, {
      'ssh-data': (output) => this.#output(output),
      'ssh-error': ({ message }) => socket.emit('ssherror', message),
      'ssh-disconnected': ({ exitCode, signal }) => {
        clearTimeout(timer)
        // Those that were left behind with the client have nobody to tell.
        if (this.#running.delete(peer))
          socket.emit('exec-exit', { code: exitCode ?? null, signal: signal === undefined ? null : `SIG${signal}` })
      },
    })
    let program: Shell | undefined
    try {
      program = sessions.create(peer, connect.sessionId, (birth) => new Shell(birth, connect))
      this.#running.add(peer)
      const started = program
      if (asked.timeoutMs != null) {
        const late = new Refusal('session-state', { detail: `The command took longer than ${asked.timeoutMs} ms` })
        timer = setTimeout(() => started.end('failure', late), asked.timeoutMs)
      }
      await program.start(program.reachOn(connection), connect)
    } catch (error) {
      clearTimeout(timer)
      const refusal = error instanceof Refusal ? error : new Refusal('internal')
      program?.drop('failure', refusal)
      if (this.#running.delete(peer) || !program) socket.emit('ssherror', refusal.message)
      if (!(error instanceof Refusal)) throw error
    }
  }

  /** Ends all of them, without a word to the client. */
  close(): void {
    const peers = [...this.#running]
    this.#running.clear()
    for (const peer of peers) this.#options.sessions.leave(peer)
  }

  #output({ data, stderr }: ServerPayload<'ssh-data'>): void {
    const { socket } = this.#options
    socket.emit('data', data)
    socket.emit('exec-data', { type: stderr ? 'stderr' : 'stdout', data })
  }

  #connectOf({ command, pty, term, cols, rows, env }: Webssh2Message<'exec'>, size: { cols: number; rows: number }) {
    const { password: _, privateKey: __, passphrase: ___, ...place } = this.#options.connect
    const parsed = v.safeParse(clientEvents['ssh-connect'].payload, {
      ...place,
      sessionId: `webssh2-${randomUUID()}`,
      cols: cols ?? size.cols,
      rows: rows ?? size.rows,
      ...(v.is(Term, term) && { term }),
      env: env ?? {},
      command,
      pty: pty === true,
      binary: false,
    })
    return parsed.success ? parsed.output : undefined
  }
}
