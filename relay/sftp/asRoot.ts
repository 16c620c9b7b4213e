import { randomBytes } from 'node:crypto'
import { type FailureCode, Refusal } from '../../shared/failure.ts'
import { saidOf } from './said.ts'
import { serverCommand } from './serverCommand.ts'
import type { Exec, ExecChannel } from './shellLoop.ts'

/** Milliseconds that sudo may take before and after the password: it waits two seconds for a wrong one. */
const SUDO_MS = 30_000
/** Bytes that are read of what sudo says: its lecture is half a kilobyte. */
const SAID_MAX = 16 * 1024

/** What sudo(8) says, in C's words, and what that is. */
const refusals: readonly [pattern: RegExp, code: FailureCode][] = [
  [/incorrect password|no password was provided|a password is required/, 'sudo-password'],
  [/must have a tty|no tty present|a terminal is required/, 'sudo-terminal'],
  [/not in the sudoers|not allowed to|may not run sudo|account validation failure|expired/, 'sudo-refused'],
  [/sudo: not found|sudo: command not found|no sudo/, 'no-sudo'],
]

/**
 * Has sudo start the SFTP server of the host as root.
 * @param password is asked for by sudo, if at all, under a mark that is made up here; it is given once and kept nowhere
 * @returns the channel on which the server waits for INIT
 * @throws Refusal `sudo-password`, `sudo-refused`, `sudo-terminal`, `no-sudo`, `no-sftp-server`
 */
export async function startAsRoot(exec: Exec, password: string | undefined, signal: AbortSignal): Promise<ExecChannel> {
  const mark = `fairlead-${randomBytes(16).toString('hex')}`
  // The server says at this level that it has begun; before that nothing may be sent, since sudo might take it for the password.
  const sudo = `exec sudo -S -k -p "${mark}" -- "$s" -e -l INFO`
  const has = `{ command -v sudo >/dev/null || { echo no sudo >&2; exit 127; }; }`
  const command = serverCommand(`export LC_ALL=C && ${has} && ${sudo}`, `echo no server ${mark} >&2; exit 127`)
  const channel = await exec(command)
  try {
    await begun(channel, mark, password, signal)
    return channel
  } catch (error) {
    channel.destroy()
    throw error
  }
}

function begun(channel: ExecChannel, mark: string, password: string | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    let given = false
    const settle = (how: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      channel.stderr.off('data', hear)
      channel.off('close', onClose)
      // What the server has to say from now on is nobody's.
      channel.stderr.resume()
      how()
    }
    const refuse = (code: FailureCode) =>
      settle(() => reject(new Refusal(code, { phase: 'files', said: wordsOf(said, mark) })))
    const onAbort = () => settle(() => reject(signal.reason))
    const onClose = () => refuse(refusals.find(([pattern]) => pattern.test(said))?.[1] ?? 'sudo-refused')
    const hear = (chunk: Buffer) => {
      said += chunk.toString('utf8')
      if (said.length > SAID_MAX) return refuse('sudo-refused')
      if (said.includes(`no server ${mark}`)) return refuse('no-sftp-server')
      if (said.includes('session opened for local user')) return settle(resolve)
      const asked = said.split(mark).length - 1
      if (asked > 1 || (asked === 1 && !isOneLine(password))) return refuse('sudo-password')
      if (asked === 1 && !given) {
        given = true
        const bytes = Buffer.from(`${password}\n`)
        channel.write(bytes, () => bytes.fill(0))
      }
    }
    const timer = setTimeout(() => refuse('sudo-refused'), SUDO_MS)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) return onAbort()
    channel.stderr.on('data', hear)
    // It is closed only when all has been read; before INIT nothing comes but the noise of start-up files.
    channel.resume()
    channel.on('close', onClose)
    channel.on('error', () => undefined)
  })
}

function isOneLine(password: string | undefined): password is string {
  return password !== undefined && !/[\r\n]/.test(password)
}

/** The last line of what was said, without the mark. */
function wordsOf(said: string, mark: string): string | undefined {
  const lines = said
    .replaceAll(mark, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return saidOf(Buffer.from(lines.at(-1) ?? ''))
}
