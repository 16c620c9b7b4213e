import { constants } from 'node:os'

/** Signals that a client may send and that an exit may name (RFC 4254 §6.9), as Node names them. */
const signals: Record<string, NodeJS.Signals> = {
  ABRT: 'SIGABRT',
  ALRM: 'SIGALRM',
  FPE: 'SIGFPE',
  HUP: 'SIGHUP',
  ILL: 'SIGILL',
  INT: 'SIGINT',
  KILL: 'SIGKILL',
  PIPE: 'SIGPIPE',
  QUIT: 'SIGQUIT',
  SEGV: 'SIGSEGV',
  TERM: 'SIGTERM',
  USR1: 'SIGUSR1',
  USR2: 'SIGUSR2',
}

/** The signal that SSH calls by this name, with or without `SIG`; undefined for one it does not know. */
export function signalNamed(name: string): NodeJS.Signals | undefined {
  const bare = name.replace(/^SIG/, '')
  return Object.hasOwn(signals, bare) ? signals[bare] : undefined
}

/** The name of a signal number of this system. */
export function signalNumbered(number: number): NodeJS.Signals | undefined {
  for (const [name, value] of Object.entries(constants.signals)) {
    if (value === number) return name as NodeJS.Signals
  }
  return undefined
}

/** Sends a signal to a process group; a group that is gone has had it. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal)
  } catch (error) {
    // EPERM: what is left of the group has become another user (su); that user's processes are not ours to end.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
