import type { ServerChannel, Session } from 'ssh2'
import { ChannelOutput } from './channelOutput.ts'
import { type Account, acceptsVariable, type Ends, loginEnvironment, startDirectory } from './environment.ts'
import { runOnPipes } from './exec.ts'
import type { Ending, Launch, Program } from './program.ts'
import { serveSftp } from './sftpServer.ts'
import { type PtyModule, runOnTerminal, type TerminalRequest } from './shell.ts'
import { signalNamed } from './signals.ts'

/** What a session channel needs to know of the connection and the host it belongs to. */
interface SessionSetting {
  account: Account
  ends: Ends
  /** The pty package, or why there is none. */
  pty: PtyModule | string
  openHandles: number
  /** True if the client sends SYMLINK's paths in OpenSSH's order: target, then link. */
  symlinkTargetFirst: boolean
  /** Every program that is started, so that the host can wait for its end. */
  started: (program: Program) => void
  report: (event: 'host-session' | 'host-error', fields: Record<string, string>) => void
}

/** Variables of one session. */
const VARIABLES_MAX = 64

/**
 * Serves one session channel (RFC 4254 §6): gathers pty and environment, then runs a shell, a command or SFTP.
 * @returns hangs up; safe at any time, and done by itself when the client closes the channel
 */
export function serveSession(session: Session, setting: SessionSetting): () => void {
  const variables = new Map<string, string>()
  let terminal: TerminalRequest | undefined
  let program: Program | undefined
  let hangUp: () => void = () => undefined

  // ssh2 gives no `accept` where the client wants no reply, against its types.
  session.on('env', (accept: (() => void) | undefined, reject: (() => void) | undefined, { key, val }) => {
    if (variables.size >= VARIABLES_MAX || !acceptsVariable(key, val)) return reject?.()
    variables.set(key, val)
    accept?.()
  })
  session.on('pty', (accept: (() => void) | undefined, _reject, { term, cols, rows }) => {
    terminal = { term: terminalName(term), ...size(cols, rows) }
    accept?.()
  })
  session.on('window-change', (accept: (() => void) | undefined, _reject, { cols, rows }) => {
    const { columns, rows: lines } = size(cols, rows)
    if (terminal) terminal = { ...terminal, columns, rows: lines }
    program?.resize(columns, lines)
    accept?.()
  })
  session.on('signal', (accept: (() => void) | undefined, reject: (() => void) | undefined, { name }) => {
    const signal = signalNamed(name)
    if (!signal || !program) return reject?.()
    program.signal(signal)
    accept?.()
  })
  session.on('shell', (accept) => run(accept(), 'shell', ['-l']))
  session.on('exec', (accept, _reject, { command }) => run(accept(), 'exec', ['-c', command]))
  // Without a listener for 'sftp' ssh2 gives the plain channel, on which we speak SFTP ourselves: see sftpServer.ts.
  session.on('subsystem', (accept, reject, { name }) => {
    if (name !== 'sftp') return reject?.()
    const channel = accept()
    setting.report('host-session', { kind: 'sftp' })
    const output = new ChannelOutput(channel)
    const stop = new AbortController()
    hangUp = () => {
      stop.abort()
      output.close()
    }
    channel.on('error', () => hangUp())
    serveSftp(channel, output, {
      home: setting.account.home,
      openHandles: setting.openHandles,
      symlinkTargetFirst: setting.symlinkTargetFirst,
      signal: stop.signal,
    })
      .then(
        () => finish(channel, output, 0),
        (error: Error) => {
          setting.report('host-error', { kind: 'sftp', message: error.message })
          return finish(channel, output, 1)
        },
      )
      .catch(failed)
  })
  session.on('close', () => hangUp())
  return () => hangUp()

  function failed(error: Error): void {
    setting.report('host-error', { message: error.stack ?? error.message })
  }

  function run(channel: ServerChannel, kind: 'shell' | 'exec', args: string[]): void {
    const output = new ChannelOutput(channel)
    hangUp = () => output.close()
    setting.report('host-session', { kind })
    if (kind === 'shell' && terminal && typeof setting.pty === 'string') {
      output.write(Buffer.from(`fairlead: ${setting.pty}\r\n`), 'stderr')
      finish(channel, output, 1).catch(failed)
      return
    }
    try {
      program = start(channel, output, args)
    } catch (error) {
      const { message } = error as Error
      setting.report('host-error', { kind, message })
      output.write(Buffer.from(`fairlead: ${message}\r\n`), 'stderr')
      finish(channel, output, 1).catch(failed)
      return
    }
    const running = program
    hangUp = () => {
      output.close()
      running.hangUp()
    }
    channel.on('error', () => hangUp())
    setting.started(running)
    running.ended.then((ending) => finish(channel, output, ending)).catch(failed)
  }

  function start(channel: ServerChannel, output: ChannelOutput, args: string[]): Program {
    const { account, ends, pty } = setting
    const launch: Launch = {
      file: account.shell,
      args,
      cwd: startDirectory(account),
      env: loginEnvironment(account, ends, variables),
    }
    if (!terminal || typeof pty === 'string') return runOnPipes(channel, output, launch)
    return runOnTerminal(pty, channel, output, { ...launch, env: { ...launch.env, TERM: terminal.term } }, terminal)
  }
}

/** Sends the rest of the output, how it ended, and closes the channel. */
async function finish(channel: ServerChannel, output: ChannelOutput, ending: Ending): Promise<void> {
  await output.below(0)
  const signal = typeof ending === 'string' ? signalNamed(ending) : undefined
  if (signal) channel.exit(signal.slice(3))
  // A signal that SSH has no name for ends as a shell tells it.
  else channel.exit(typeof ending === 'number' ? ending : 255)
  channel.end()
}

/** A name of terminfo, or the one that every program understands. */
function terminalName(term: string): string {
  return /^[\w.+-]{1,64}$/.test(term) ? term : 'dumb'
}

/** A terminal's size as the kernel can hold it; 0 means that the client does not say. */
function size(columns: number, rows: number): { columns: number; rows: number } {
  return { columns: within(columns, 80), rows: within(rows, 24) }
}

function within(count: number, otherwise: number): number {
  return count > 0 ? Math.min(count, 0xffff) : otherwise
}
