import { randomBytes } from 'node:crypto'
import type { Duplex, Readable } from 'node:stream'
import { Refusal } from '../../shared/failure.ts'
import { atHome } from './serverCommand.ts'

/** A command that runs on the host: standard output is read, standard input written, standard error beside. */
export interface ExecChannel extends Duplex {
  readonly stderr: Readable
}

/** Runs a command on the host. @throws Refusal where the server opens no further channel */
export type Exec = (command: string) => Promise<ExecChannel>

/** What became of a line. */
export interface Outcome {
  /** As `$?` had it. */
  status: number
  /** What it wrote to standard output. */
  output: Buffer
  /** What it wrote to standard error. */
  complaint: string
}

/** Bytes beside the output that a reply may have: noise of start-up files, complaints. */
const SLACK = 64 * 1024

/** Every line runs with the same words and times, whatever the account says. */
const settings = `LC_ALL=C;LANG=C;TZ=UTC0;export LC_ALL LANG TZ;unset CDPATH;${atHome}`

/**
 * Single quotes hold in sh, csh and fish alike, so this is all that the login shell gets to read. `read` takes no byte more
 * than its line, so what follows on standard input is left for the line.
 */
const readOne = `sh -c 'IFS= read -r l; eval "$l"'`
const readAll = `sh -c 'while IFS= read -r l; do eval "$l"; done'`

/** Characters of a mark. */
const MARK = 32

interface Waiting {
  mark: string
  most: number
  resolve(outcome: Outcome): void
  reject(error: unknown): void
}

/**
 * A POSIX shell on the host that runs one line after the other. Each answers with its output, a mark that no file can
 * hold since it is made up afterwards, its status and its complaints; further lines are sent without waiting.
 */
export class ShellLoop {
  readonly #channel: ExecChannel
  readonly #waiting: Waiting[] = []
  #chunks: Buffer[] = []
  #bytes = 0
  /** The last bytes that came: a mark may be cut by the end of a chunk. */
  #tail: Buffer = Buffer.alloc(0)
  /** Whether the mark of the answer that comes now has been seen. */
  #marked = false
  #ended: Refusal | undefined

  private constructor(channel: ExecChannel) {
    this.#channel = channel
    channel.on('data', (chunk: Buffer) => this.#take(chunk))
    // Complaints come in the output; what start-up files write here is nobody's.
    channel.stderr.resume()
    channel.on('error', () => this.#end())
    channel.on('close', () => this.#end())
    channel.on('end', () => this.#end())
  }

  /**
   * Starts the shell.
   * @param patienceMs what it may take for its first answer: what answers may be no shell at all
   * @throws Refusal where there is none, or the server opens no channel
   */
  static async start(exec: Exec, patienceMs: number): Promise<ShellLoop> {
    const loop = new ShellLoop(await exec(readAll))
    loop.#channel.write(`${settings}exec 3>&1\n`)
    const timer = setTimeout(() => loop.#end(), patienceMs)
    try {
      await loop.run(':', 0)
      return loop
    } finally {
      clearTimeout(timer)
    }
  }

  /** Called when the shell is gone. */
  onEnd: () => void = () => undefined

  /**
   * Runs a line, without standard input.
   * @param most bytes of output that it may have; more ends the loop
   * @throws Refusal `bad-reply`, or `server-disconnected` when the shell is gone
   */
  run(line: string, most: number, prelude = ''): Promise<Outcome> {
    if (this.#ended) return Promise.reject(this.#ended)
    const mark = randomBytes(16).toString('hex')
    return new Promise((resolve, reject) => {
      this.#waiting.push({ mark, most, resolve, reject })
      this.#channel.write(`${prelude}e=$( { ${line} ; } 2>&1 1>&3 3>&- </dev/null );${told(mark)}\n`)
    })
  }

  close(): void {
    this.#channel.end()
    this.#channel.destroy()
  }

  #take(chunk: Buffer): void {
    // What comes unasked is nobody's.
    if (this.#waiting.length === 0) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    this.#marked ||= this.#isMarked(Buffer.concat([this.#tail, chunk]))
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-MARK)]).subarray(-MARK)
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      // What is long is put together only when its end has come; behind that there may be other answers.
      const all = this.#marked ? Buffer.concat(this.#chunks) : undefined
      const found = all && outcomeIn(all, first.mark)
      if (!all || !found) {
        if (all) this.#chunks = [all]
        if (this.#bytes > first.most + SLACK) this.#end(new Refusal('bad-reply', { phase: 'files' }))
        return
      }
      const rest = all.subarray(found.end)
      this.#waiting.shift()
      this.#chunks = [rest]
      this.#bytes = rest.length
      this.#marked = this.#isMarked(rest)
      first.resolve(found.outcome)
    }
  }

  #isMarked(bytes: Buffer): boolean {
    const mark = this.#waiting[0]?.mark
    return mark !== undefined && bytes.includes(mark)
  }

  #end(refusal = new Refusal('server-disconnected', { phase: 'files' })): void {
    if (this.#ended) return
    this.#ended = refusal
    this.#channel.destroy()
    for (const { reject } of this.#waiting.splice(0)) reject(refusal)
    this.onEnd()
  }
}

/**
 * Runs one line in a shell of its own, with these bytes as its standard input.
 * @throws Refusal where the server opens no further channel, or ends it before the line is through
 */
export async function runWithInput(
  exec: Exec,
  line: string,
  prelude: string,
  input: readonly Buffer[],
): Promise<Outcome> {
  const channel = await exec(readOne)
  const mark = randomBytes(16).toString('hex')
  const chunks: Buffer[] = []
  let bytes = 0
  const outcome = new Promise<Outcome>((resolve, reject) => {
    channel.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > SLACK) reject(new Refusal('bad-reply', { phase: 'files' }))
      else chunks.push(chunk)
    })
    channel.on('close', () => {
      const found = outcomeIn(Buffer.concat(chunks), mark)
      if (found) resolve(found.outcome)
      else reject(new Refusal('server-disconnected', { phase: 'files' }))
    })
    // A line that fails does not read its input; how it ended is told all the same.
    channel.on('error', () => undefined)
  })
  channel.stderr.resume()
  channel.write(`${settings}exec 3>&1;${prelude}e=$( { ${line} ; } 2>&1 1>&3 3>&- );${told(mark)}\n`)
  for (const piece of input) channel.write(piece)
  channel.end()
  try {
    return await outcome
  } finally {
    channel.destroy()
  }
}

/** The end of a line: how it went. */
function told(mark: string): string {
  return `printf '%s %d\\n%s\\n%s\\n' ${mark} $? "$e" ${mark}`
}

function outcomeIn(bytes: Buffer, mark: string): { outcome: Outcome; end: number } | undefined {
  const at = bytes.indexOf(mark)
  if (at < 0) return undefined
  const behind = bytes.indexOf(`\n${mark}\n`, at)
  if (behind < 0) return undefined
  const [, status = '', complaint = ''] =
    /^ (\d+)\n(.*)$/s.exec(bytes.subarray(at + mark.length, behind).toString('latin1')) ?? []
  return {
    outcome: { status: status === '' ? 255 : Number(status), output: bytes.subarray(0, at), complaint },
    end: behind + mark.length + 2,
  }
}
