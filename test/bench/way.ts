import type { Output } from './output.ts'

/** One command with a terminal on the host, however it was reached. */
export interface Session {
  readonly output: Output
  /** The process whose processor time carries the output. */
  readonly pid: number
  write(text: string): void
  /** Ends the command and what was opened for it. */
  close(): Promise<void>
}

/** A way from here to the host. */
export interface Way {
  readonly name: 'OpenSSH' | 'ssh2' | 'relay'
  /** Connects, logs in by key and runs a command with a terminal of 80 columns and 24 rows. */
  open(command: string): Promise<Session>
  close(): Promise<void>
}
