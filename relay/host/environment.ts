import { accessSync, constants } from 'node:fs'
import { homedir, userInfo } from 'node:os'

/** The user the host runs as; the only one it lets in. */
export interface Account {
  username: string
  home: string
  /** Login shell. */
  shell: string
}

/** The relay's own user, from the system's user database; home is `$HOME`, if the relay has one. */
export function ownAccount(): Account {
  const { username, shell } = userInfo()
  return { username, home: homedir(), shell: shell || '/bin/sh' }
}

/** Where a program starts: home, or the root where home cannot be entered (as sshd does). */
export function startDirectory(account: Account): string {
  try {
    accessSync(account.home, constants.X_OK)
    return account.home
  } catch {
    return '/'
  }
}

/** Variables of the relay's own environment that a program of this machine needs; the others may hold the relay's secrets. */
const inherited = /^(?:PATH|TZ|TMPDIR|XDG_RUNTIME_DIR|LANG|LC_[A-Z]+)$/

/** Variables a client may set, as sshd's AcceptEnv on most systems. */
const accepted = /^(?:LANG|LC_[A-Z]+|COLORTERM|TERM_PROGRAM|TERM_PROGRAM_VERSION|NO_COLOR)$/

/** UTF-16 units of one value. */
const VALUE_MAX = 1024

/** True if a client may set this variable to this value. */
export function acceptsVariable(name: string, value: string): boolean {
  return accepted.test(name) && value.length <= VALUE_MAX && !/[\0-\x1f\x7f]/.test(value)
}

/** The two ends of the TCP connection of a login. */
export interface Ends {
  remoteAddress: string
  remotePort: number
  localAddress: string
  localPort: number
}

/** The environment of a program: the account's, the connection's, and what the client asked for. */
export function loginEnvironment(
  account: Account,
  ends: Ends,
  asked: ReadonlyMap<string, string>,
): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && inherited.test(name)) environment[name] = value
  }
  environment.PATH ??= '/usr/local/bin:/usr/bin:/bin'
  return {
    ...environment,
    USER: account.username,
    LOGNAME: account.username,
    HOME: account.home,
    SHELL: account.shell,
    SSH_CLIENT: `${ends.remoteAddress} ${ends.remotePort} ${ends.localPort}`,
    SSH_CONNECTION: `${ends.remoteAddress} ${ends.remotePort} ${ends.localAddress} ${ends.localPort}`,
    ...Object.fromEntries(asked),
  }
}
