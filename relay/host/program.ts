/** How a program ended: by a status, or by a signal's name. */
export type Ending = number | NodeJS.Signals

/** A program that runs for a channel, on a pseudo-terminal or on pipes. */
export interface Program {
  /** Sends a signal to the program's process group. */
  signal(signal: NodeJS.Signals): void
  /** Tells the terminal its new size in characters; nothing happens on pipes. */
  resize(columns: number, rows: number): void
  /** The client is gone: SIGHUP to the process group, and its terminal or pipes are closed. */
  hangUp(): void
  /** Resolves when the program has ended and all of its output has been handed on. */
  readonly ended: Promise<Ending>
}

/** What to run, and where. */
export interface Launch {
  file: string
  args: string[]
  cwd: string
  env: Record<string, string>
}
