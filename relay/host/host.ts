import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import ssh2, { type Connection } from 'ssh2'
import { hostAlgorithms } from '../algorithms.ts'
import { guardLogin } from './authentication.ts'
import { readAuthorizedKeys } from './authorizedKeys.ts'
import { type Account, type Ends, ownAccount } from './environment.ts'
import { forward } from './forward.ts'
import { loadHostKey } from './hostKey.ts'
import { defaultLimits, type HostLimits } from './limits.ts'
import type { Program } from './program.ts'
import { serveSession } from './session.ts'
import { loadPty, type PtyModule } from './shell.ts'

/** How the built-in host is started. */
export interface HostOptions {
  /** Directory of the host key (`host_ed25519_key`, made once) and of `authorized_keys` (read at each login; a line whose options restrict the key is ignored). */
  stateDir: string
  /** Default 0: a free port. */
  port?: number
  /** Default 127.0.0.1. */
  bind?: string
  /** Verifies a password for the host's user in constant time; without it there is no password login. */
  verifyPassword?: (password: string) => Promise<boolean>
  /** Public keys (wire blobs) that are let in besides `authorized_keys`: the relay's own, made at start. */
  trustedKeys?: Uint8Array[]
  /** Told what happens: `host-login`, `-login-refused`, `-login-error`, `-session`, `-error`, `-connection-error`, `-connection-refused`; the fields hold no secret. */
  log?: (event: string, fields: Record<string, string | number | boolean>) => void
  /** Bounds; `defaultLimits` for those not given. */
  limits?: Partial<HostLimits>
  /** Home and shell in place of the user's own. */
  account?: Partial<Pick<Account, 'home' | 'shell'>>
  /** The pty package; null for a host without one. Default: `@lydell/node-pty`, if it is installed. */
  pty?: PtyModule | null
}

/** A running built-in host. */
export interface BuiltInHost {
  /** The address it listens on. */
  host: string
  port: number
  /** The only user it lets in: the relay's own. */
  username: string
  /** Wire blob of the host's public key. */
  hostKey: Uint8Array
  /** Why a shell cannot be had here, if it cannot. */
  shellMissing?: string
  /** Ends every connection and every program, and stops listening. */
  close(): Promise<void>
}

/** Milliseconds, the longest a timer takes: ssh2's keep-alive cannot be turned off, and a loopback peer that is gone is seen at once. */
const NEVER_MS = 2 ** 31 - 1

/** Clients whose SYMLINK has the target first, as OpenSSH's server reads it; all others follow the draft. */
const targetFirst = /^(?:OpenSSH|dropbear|paramiko)/i

/**
 * Starts an SSH server for this machine: shells, commands, SFTP and forwards as the relay's own user.
 * @throws if the system is not POSIX, the host key is unsound, or the port is taken
 */
export async function startHost(options: HostOptions): Promise<BuiltInHost> {
  if (process.platform === 'win32') throw new Error('the built-in host needs a POSIX system')
  const limits = { ...defaultLimits, ...options.limits }
  const log = options.log ?? (() => undefined)
  const account = { ...ownAccount(), ...options.account }
  const hostKey = await loadHostKey(options.stateDir)
  const pty = options.pty === undefined ? await loadPty() : (options.pty ?? 'no pseudo-terminal: no pty package')
  const keys = async () => {
    // A file that cannot be trusted keeps no one out who has a password or is the relay.
    const listed = await readAuthorizedKeys(join(options.stateDir, 'authorized_keys')).catch((error: Error) => {
      log('host-login-error', { method: 'publickey', message: error.message })
      return []
    })
    return [...(options.trustedKeys ?? []), ...listed]
  }

  let closing: Promise<void> | undefined
  const programs = new Set<Program>()
  const sockets = new Set<Socket>()
  const pending = new Set<Socket>()
  const ssh = new ssh2.Server({
    hostKeys: [hostKey.privateKey],
    algorithms: { ...hostAlgorithms, serverHostKey: ['ssh-ed25519'] },
    ident: 'Fairlead',
    keepaliveInterval: NEVER_MS,
  })
  ssh.on('connection', (connection, info) => {
    // The header is read within the socket's own event, so that its port names it.
    const socket = [...pending].find((one) => one.remotePort === info.port && one.remoteAddress === info.ip)
    if (!socket) connection.end()
    else serve(connection, socket, targetFirst.test(info.header.versions.software))
  })

  const listener = createServer({ noDelay: true }, (socket) => {
    if (sockets.size >= limits.connections || pending.size >= limits.pendingLogins) {
      log('host-connection-refused', { connections: sockets.size, pending: pending.size })
      socket.destroy()
      return
    }
    sockets.add(socket)
    pending.add(socket)
    const grace = setTimeout(() => socket.destroy(), limits.loginGraceMs)
    socket.once('close', () => {
      clearTimeout(grace)
      sockets.delete(socket)
      pending.delete(socket)
    })
    socket.once('login', () => {
      clearTimeout(grace)
      pending.delete(socket)
    })
    ssh.injectSocket(socket)
  })
  listener.listen(options.port ?? 0, options.bind ?? '127.0.0.1')
  await once(listener, 'listening')
  listener.on('error', (error) => log('host-error', { message: error.message }))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('the built-in host has no TCP address')

  return {
    host: address.address,
    port: address.port,
    username: account.username,
    hostKey: hostKey.publicBlob,
    ...(typeof pty === 'string' ? { shellMissing: pty } : {}),
    close: () => {
      closing ??= close()
      return closing
    },
  }

  function serve(connection: Connection, socket: Socket, symlinkTargetFirst: boolean): void {
    const open = new Set<() => void>()
    const gone = new AbortController()
    const ends: Ends = {
      remoteAddress: socket.remoteAddress ?? '',
      remotePort: socket.remotePort ?? 0,
      localAddress: socket.localAddress ?? '',
      localPort: socket.localPort ?? 0,
    }
    // After 'error' and 'end' nothing comes or goes any more, even if the socket's close takes its time.
    const leave = () => {
      gone.abort()
      for (const hangUp of open) hangUp()
      open.clear()
      socket.destroySoon()
    }
    connection.on('error', (error) => {
      log('host-connection-error', { message: error.message })
      leave()
    })
    connection.on('end', leave)
    connection.on('close', leave)
    guardLogin(connection, {
      username: account.username,
      verifyPassword: options.verifyPassword,
      keys,
      attempts: limits.authenticationAttempts,
      gone: gone.signal,
      report: log,
    })
    connection.on('ready', () => socket.emit('login'))
    connection.on('session', (accept, reject) => {
      if (open.size >= limits.channelsPerConnection) return reject()
      const session = accept()
      const hangUp = serveSession(session, {
        account,
        ends,
        pty,
        openHandles: limits.openHandles,
        symlinkTargetFirst,
        started,
        report: log,
      })
      open.add(hangUp)
      session.on('close', () => open.delete(hangUp))
    })
    connection.on('tcpip', (accept, reject, info) => {
      if (open.size >= limits.channelsPerConnection) return reject()
      const hangUp = forward(accept, reject, info, limits.dialMs, () => hangUp && open.delete(hangUp))
      if (hangUp) open.add(hangUp)
    })
  }

  function started(program: Program): void {
    programs.add(program)
    program.ended.then(() => programs.delete(program))
  }

  async function close(): Promise<void> {
    const closed = once(listener, 'close')
    listener.close()
    for (const socket of sockets) socket.destroy()
    for (const program of programs) program.hangUp()
    const all = Promise.all([...programs].map((program) => program.ended))
    await within(limits.hangUpMs, all)
    for (const program of programs) program.signal('SIGKILL')
    // One that has become another user (su, sudo) cannot be killed, and is left to init.
    await within(limits.hangUpMs, all)
    await closed
  }
}

/** Waits for `work`, but not longer than `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController()
  const { signal } = done
  await Promise.race([work.finally(() => done.abort()), delay(ms, undefined, { signal }).catch(() => undefined)])
}
