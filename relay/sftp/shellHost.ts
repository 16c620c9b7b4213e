import { posix } from 'node:path'
import { Refusal } from '../../shared/failure.ts'
import { type Attributes, bounds } from '../../shared/protocol.ts'
import { statusCode } from './packet.ts'
import { type Exec, type Outcome, runWithInput, ShellLoop } from './shellLoop.ts'
import { readEach, readList, readStat, readStats, type ShellEntry, statFormat } from './shellStat.ts'
import { ShellWords } from './shellWord.ts'

/** A command that did not do what was asked: an SFTP status and its text. */
export class ShellFailure extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** How a file is opened; see OPEN of SFTP. */
export interface Opening {
  write: boolean
  create: boolean
  truncate: boolean
  exclusive: boolean
  mode: number
}

/** What `df` says, in bytes. */
export interface Space {
  total: number
  available: number
}

/** Bytes of what a verb prints that is no file and no listing. */
const SHORT = 32 * 1024
/** Bytes of the names and of the lines of one listing. */
const LISTING = 2 * bounds.listingBytes
/** Shells for writing at once at most, beside the loop: OpenSSH allows ten channels in all. */
const WRITERS = 2
/** Bytes of a block for what begins anywhere, and of the largest. */
const BLOCK = 4096
const LARGE_BLOCK = 64 * 1024

/** What programs complain of, and what that is in SFTP. The first that fits is taken. */
const complaints: readonly [pattern: RegExp, code: number, text: string][] = [
  [/file exists|existing file/i, statusCode.failure, 'File exists'],
  [/directory not empty/i, statusCode.failure, 'Directory not empty'],
  [/no space left/i, statusCode.failure, 'No space left on device'],
  [/quota exceeded/i, statusCode.failure, 'Disk quota exceeded'],
  [/file too large/i, statusCode.failure, 'File too large'],
  [/read-only file system/i, statusCode.failure, 'Read-only file system'],
  [/is a directory/i, statusCode.failure, 'Is a directory'],
  [/not a directory/i, statusCode.noSuchFile, 'Not a directory'],
  [/name too long/i, statusCode.badMessage, 'File name too long'],
  [/too many levels/i, statusCode.noSuchFile, 'Too many levels of symbolic links'],
  // Of a directory that is there dash says no more.
  [/permission denied|operation not permitted|can't cd/i, statusCode.permissionDenied, 'Permission denied'],
  [/no such file|nonexistent directory|directory nonexistent/i, statusCode.noSuchFile, 'No such file or directory'],
  [
    /invalid option|unrecognized option|unknown option|not supported/i,
    statusCode.opUnsupported,
    'Operation unsupported',
  ],
]

/**
 * The files of a host by the commands of a POSIX shell, GNU's or BusyBox's: for hosts without an SFTP server. Paths are bytes; those
 * that are relative begin at home. Everything rejects with `ShellFailure`, or with a Refusal once the shell is gone.
 */
export class ShellHost {
  readonly #exec: Exec
  readonly #loop: ShellLoop
  #umask = 0o022
  #has: ReadonlySet<string> = new Set()
  #writers = WRITERS
  #writing = 0
  readonly #queue: (() => void)[] = []

  private constructor(exec: Exec, loop: ShellLoop) {
    this.#exec = exec
    this.#loop = loop
  }

  /** Starts the shell, which may take so long, and looks what there is. @throws Refusal `sftp-refused` where that is too little */
  static async open(exec: Exec, patienceMs: number): Promise<ShellHost> {
    let host: ShellHost
    try {
      host = new ShellHost(exec, await ShellLoop.start(exec, patienceMs))
    } catch (error) {
      throw error instanceof Refusal && error.code === 'server-disconnected' ? noShell() : error
    }
    await host.#look()
    return host
  }

  async #look(): Promise<void> {
    const looks = [
      'umask',
      `stat -c '${statFormat}' / >/dev/null 2>&1 && echo stat`,
      "printf '/\\0' | xargs -0 ls -d >/dev/null 2>&1 && echo xargs",
      'dd if=/dev/null of=/dev/null bs=1 count=0 2>/dev/null && echo dd',
    ]
    const { output } = await this.#loop.run(`${looks.join(';')};:`, SHORT)
    const [umask = '', ...has] = output.toString('latin1').split('\n')
    this.#has = new Set(has)
    if (!/^0?[0-7]{3,4}$/.test(umask) || !this.#has.has('dd')) {
      this.close()
      throw noShell()
    }
    this.#umask = Number.parseInt(umask, 8) & 0o777
  }

  /** Called when the shell is gone. */
  set onEnd(listen: () => void) {
    this.#loop.onEnd = listen
  }

  close(): void {
    this.#loop.close()
  }

  /** @param follow whether of a link what it points to */
  async stat(path: Buffer, follow: boolean): Promise<Attributes> {
    const by = this.#has.has('stat') ? `stat ${follow ? '-L ' : ''}-c '${statFormat}'` : `ls -ln${follow ? 'L' : ''}d`
    const output = await this.#run((words) => `${by} ${words.path(path)}`)
    const found = this.#readStat(output.toString('latin1'))
    if (!found) throw new ShellFailure(statusCode.failure, 'The host does not say what the file is')
    return found.attributes
  }

  #readStat(text: string): Omit<ShellEntry, 'name'> | undefined {
    return this.#has.has('stat') ? readStat(text)?.entry : readList(text, Date.now())
  }

  /** A whole directory, at most one entry more than a listing may have. */
  async list(path: Buffer): Promise<ShellEntry[]> {
    const together = this.#has.has('stat') && this.#has.has('xargs')
    const one = this.#has.has('stat') ? `stat -c '${statFormat}'` : 'ls -lnd'
    const each = together
      ? `printf '%s\\0' "$@" | xargs -0 stat -c '${statFormat}/%n' 2>/dev/null`
      : `for f do ${one} "$f" 2>/dev/null; printf '\\0'; done`
    const most = bounds.listing + 3
    const output = await this.#run((words) => {
      const own = words.path(path)
      return [
        `[ ! -d ${own} ] && { [ -e ${own} ] && echo 'Not a directory' || echo 'No such file or directory'; } >&2 && exit 2`,
        `[ -r ${own} ] && [ -x ${own} ] || { echo 'Permission denied' >&2; exit 2; }`,
        `cd ${own} || exit 2`,
        'set -- ./* ./.*',
        `[ $# -gt ${most} ] && shift $(($#-${most}))`,
        'printf \'%s\\0\' "$@"',
        // A name is never empty, so this ends the names.
        "printf '\\0'",
        each,
        ':',
      ].join(';')
    }, LISTING)
    const end = output[0] === 0 ? 0 : output.indexOf('\0\0') + 1
    const [list, said] = [output.subarray(0, end), output.subarray(end + 1)]
    const entries = together ? readStats(list, said) : readEach(list, said, (text) => this.#readStat(text))
    if (!entries) throw new ShellFailure(statusCode.failure, 'The directory changed while it was read')
    return entries
  }

  /** The absolute path, without links; the last part need not be there. */
  async realpath(path: Buffer): Promise<Buffer> {
    const text = path.toString('latin1')
    const [parent, base] = [posix.dirname(text), posix.basename(text)].map((part) => Buffer.from(part, 'latin1')) as [
      Buffer,
      Buffer,
    ]
    const output = await this.#run((words) => {
      const own = words.path(path)
      const above = `[ -d ${words.path(parent)} ] || { echo 'No such file or directory' >&2; exit 2; }; cd ${words.path(parent)} && d=$(pwd -P && echo .) && d=\${d%?.} && printf '%s/%s\\n' "\${d%/}" ${words.word(base)}`
      return `if [ -d ${own} ]; then cd ${own} && pwd -P; elif [ -L ${own} ] && readlink -f ${own} 2>/dev/null; then :; else ${above}; fi`
    })
    return withoutLineEnd(output)
  }

  /** Makes sure that a file can be read, or written and is there. Nothing but files is opened: a pipe would not answer. */
  async open(path: Buffer, { write, create, truncate, exclusive, mode }: Opening): Promise<void> {
    await this.#run((words) => {
      const own = words.path(path)
      const kind = `if [ -d ${own} ]; then echo 'Is a directory' >&2; exit 1; elif [ -e ${own} ] && [ ! -f ${own} ]; then echo 'Not a file' >&2; exit 1; fi`
      if (!write) return `${kind}; : <${own}`
      const there = create ? '' : `[ -e ${own} ] || { echo 'No such file or directory' >&2; exit 1; };`
      const how = create && exclusive ? 'set -C; : >' : truncate ? ': >' : ': >>'
      return `${kind}; ${there} umask ${this.#maskFor(mode)}; ${how}${own}`
    })
  }

  /** Bytes from an offset on, fewer at the end of the file. */
  async read(path: Buffer, offset: number, length: number): Promise<Buffer> {
    const block = length > BLOCK ? LARGE_BLOCK / 2 : BLOCK
    const first = Math.floor(offset / block)
    const blocks = Math.ceil((offset + length) / block) - first
    const words = new ShellWords()
    const line = `dd if=${words.path(path)} bs=${block} skip=${first} count=${blocks}`
    const outcome = await this.#loop.run(line, blocks * block, words.prelude)
    // Some say so where the file ends before the first block.
    if (outcome.status !== 0 && !/cannot skip/.test(outcome.complaint)) throw failureOf(outcome)
    const from = offset - first * block
    return outcome.output.subarray(from, from + length)
  }

  /** Writes bytes from an offset on; without one, at the end of the file. */
  async write(path: Buffer, offset: number | undefined, data: Buffer): Promise<void> {
    if (offset === undefined) return await this.#pour((own) => `cat >>${own}`, path, data)
    // What begins within a block is written byte by byte up to the next: POSIX has no other way.
    const lead = Math.min(data.length, (BLOCK - (offset % BLOCK)) % BLOCK)
    const at = (start: number, block: number) => (own: string) =>
      `dd of=${own} bs=${block} seek=${start / block} conv=notrunc`
    if (lead > 0) await this.#pour(at(offset, 1), path, data.subarray(0, lead))
    if (lead === data.length) return
    const start = offset + lead
    await this.#pour(at(start, start % LARGE_BLOCK === 0 ? LARGE_BLOCK : BLOCK), path, data.subarray(lead))
  }

  async #pour(command: (own: string) => string, path: Buffer, data: Buffer): Promise<void> {
    const words = new ShellWords()
    const line = command(words.path(path))
    const outcome = await this.#inTurn(() => runWithInput(this.#exec, line, words.prelude, [data]))
    const [, written] = /(\d+) bytes/.exec(outcome.complaint) ?? []
    if (outcome.status !== 0) throw failureOf(outcome)
    if (written !== undefined && Number(written) !== data.length)
      throw new ShellFailure(statusCode.failure, `${written} of ${data.length} bytes were written`)
  }

  /** Runs once one more may write; a server that opens no further channel lets fewer do so at once. */
  async #inTurn(work: () => Promise<Outcome>): Promise<Outcome> {
    for (;;) {
      while (this.#writing >= this.#writers) await new Promise<void>((resolve) => this.#queue.push(resolve))
      this.#writing += 1
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof Refusal && error.code === 'shell-refused')) throw error
        if (this.#writing === 1)
          throw new ShellFailure(statusCode.failure, 'The server opens no further channel, which is needed to write')
        this.#writers = this.#writing - 1
      } finally {
        this.#writing -= 1
        this.#queue.shift()?.()
      }
    }
  }

  /** @param follow false changes a link itself */
  async set(path: Buffer, { size, mode, uid, gid, atime, mtime }: Attributes, follow: boolean): Promise<void> {
    if (!follow && (size !== undefined || mode !== undefined))
      throw new ShellFailure(statusCode.opUnsupported, 'Operation unsupported')
    const link = follow ? '' : '-h '
    await this.#run((words) => {
      const own = words.path(path)
      const steps = [follow ? `[ -e ${own} ]` : `[ -L ${own} ] || [ -e ${own} ]`]
      steps[0] = `{ ${steps[0]} || { echo 'No such file or directory' >&2; exit 1; }; }`
      if (size !== undefined) steps.push(`[ -f ${own} ]`, `dd if=/dev/null of=${own} bs=1 seek=${size} count=0`)
      if (mode !== undefined) steps.push(`chmod ${octal(mode & 0o7777)} ${own}`)
      if (atime !== undefined && mtime !== undefined)
        steps.push(`touch ${link}-c -a -t ${moment(atime)} ${own}`, `touch ${link}-c -m -t ${moment(mtime)} ${own}`)
      if (uid !== undefined && gid !== undefined) steps.push(`chown ${link}${uid}:${gid} ${own}`)
      return steps.join(' && ')
    })
  }

  async mkdir(path: Buffer, mode: number): Promise<void> {
    await this.#run((words) => `umask ${this.#maskFor(mode)}; mkdir ${words.path(path)}`)
  }

  async rmdir(path: Buffer): Promise<void> {
    await this.#run((words) => `rmdir ${words.path(path)}`)
  }

  async remove(path: Buffer): Promise<void> {
    await this.#run((words) => {
      const own = words.path(path)
      return `[ -d ${own} ] && [ ! -L ${own} ] && { echo 'Is a directory' >&2; exit 1; }; rm ${own}`
    })
  }

  /** @param overwrite whether in place of what is there, in one step but for BusyBox's over a link to a directory */
  async rename(from: Buffer, to: Buffer, overwrite: boolean): Promise<void> {
    await this.#run((words) => {
      const [own, goal] = [words.path(from), words.path(to)]
      if (!overwrite) return `${isFree(goal)}; mv -f ${own} ${goal}`
      const there = `{ [ -e ${own} ] || [ -L ${own} ]; } || { echo 'No such file or directory' >&2; exit 1; }`
      // Without -T `mv` moves into a directory, and into what a link leads to; BusyBox's refuses with it.
      const clear = `if [ -L ${goal} ]; then rm ${goal}; elif [ -d ${own} ]; then rmdir ${goal}; else echo 'Is a directory' >&2; exit 1; fi`
      const onto = `mv -f -T ${own} ${goal} 2>/dev/null && exit; ${clear} || exit 1;`
      return `${there}; if [ -d ${goal} ]; then ${onto} fi; mv -f ${own} ${goal}`
    })
  }

  async readlink(path: Buffer): Promise<Buffer> {
    const output = await this.#run((words) => {
      const own = words.path(path)
      return `[ -L ${own} ] || { [ -e ${own} ] && echo 'Invalid argument' || echo 'No such file or directory'; exit 1; } >&2; readlink ${own}`
    })
    return withoutLineEnd(output)
  }

  async symlink(target: Buffer, path: Buffer): Promise<void> {
    await this.#run((words) => {
      const own = words.path(path)
      return `${isFree(own)}; ln -s -- ${words.word(target)} ${own}`
    })
  }

  async link(from: Buffer, to: Buffer): Promise<void> {
    await this.#run((words) => {
      const [own, goal] = [words.path(from), words.path(to)]
      return `${isFree(goal)}; ln ${own} ${goal}`
    })
  }

  async space(path: Buffer): Promise<Space> {
    // It fails as well where it cannot look at what is mounted.
    const output = await this.#run((words) => `[ -e ${words.path(path)} ] || exit 1; df -P -k ${words.path(path)} || :`)
    const [, total, available] = / (\d+) +-?\d+ +(-?\d+) +\d+% /.exec(output.toString('latin1')) ?? []
    if (total === undefined) throw new ShellFailure(statusCode.opUnsupported, 'Operation unsupported')
    return { total: Number(total) * 1024, available: Math.max(0, Number(available)) * 1024 }
  }

  async #run(line: (words: ShellWords) => string, most = SHORT): Promise<Buffer> {
    const words = new ShellWords()
    const outcome = await this.#loop.run(line(words), most, words.prelude)
    if (outcome.status !== 0) throw failureOf(outcome)
    return outcome.output
  }

  /** As SFTP's server has it: what the account keeps from everybody is kept from this file as well. */
  #maskFor(mode: number): string {
    return octal((~mode & 0o777) | this.#umask)
  }
}

function noShell(): Refusal {
  return new Refusal('sftp-refused', { phase: 'files', detail: 'The server gave neither SFTP nor a shell for files' })
}

function isFree(goal: string): string {
  return `{ [ -e ${goal} ] || [ -L ${goal} ]; } && { echo 'File exists' >&2; exit 1; }`
}

function failureOf({ status, complaint }: Outcome): ShellFailure {
  const [, code, text] = complaints.find(([pattern]) => pattern.test(complaint)) ?? []
  if (code !== undefined && text !== undefined) return new ShellFailure(code, text)
  // What a shell says of a program that it does not find (POSIX, "Exit Status for Commands").
  if (status === 127) return new ShellFailure(statusCode.opUnsupported, 'Operation unsupported')
  return new ShellFailure(statusCode.failure, complaint.split('\n')[0]?.slice(0, 200) || `Status ${status}`)
}

function withoutLineEnd(output: Buffer): Buffer {
  return output.at(-1) === 0x0a ? output.subarray(0, -1) : output
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}

/** `CCYYMMDDhhmm.SS` in UTC, as `touch -t` takes it. @param seconds since 1970, at most 2^32 − 1 */
function moment(seconds: number): string {
  const [, date = '', time = ''] = /^(.{10})T(.{8})/.exec(new Date(seconds * 1000).toISOString()) ?? []
  const [hours, minutes, rest] = time.split(':')
  return `${date.replaceAll('-', '')}${hours}${minutes}.${rest}`
}
