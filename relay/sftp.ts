import { randomBytes } from 'node:crypto'
import type { FileEntryWithStats, SFTPWrapper } from 'ssh2'
import { Refusal } from '../shared/failure.ts'
import { type FileInfo, fileType, joinPath, permissionsText } from '../shared/fileInfo.ts'
import { bounds, type ClientMessage, type ServerPayload } from '../shared/protocol.ts'
import type { Connection } from './connection.ts'
import { type Route, Session } from './session.ts'

/** Milliseconds that a server may take for one request. */
const REQUEST_MS = 60_000
/** READDIR requests on their way at once, about 100 entries each; a directory is read by round trips otherwise. */
const READ_AHEAD = 8

interface Listing {
  path: string
  handle: Buffer
  /** Read from the server but not yet asked for. */
  rest: FileInfo[]
  /** Whether reading has begun. */
  read: boolean
  done: boolean
}

/** An SFTP conversation. */
export class Sftp extends Session {
  readonly failureEvent = 'sftp-error'
  protected readonly overEvent = 'sftp-disconnected'
  readonly memory = 0
  readonly resumable = false
  #channel: SFTPWrapper | undefined
  readonly #listings = new Map<string, Listing>()
  #requests = 0

  /** Whether the server owes an answer. */
  get busy(): boolean {
    return this.#requests > 0
  }

  /** Logs in by itself. @throws Refusal with the phase that failed */
  async open(route: Route): Promise<void> {
    await this.#start(await this.connect(route))
  }

  /** Shares the connection of an open session: no second login. @throws Refusal, also what `find` throws */
  async openOn(find: () => Connection): Promise<void> {
    const connection = find()
    this.share(connection)
    await this.#start(connection)
  }

  async #start(connection: Connection): Promise<void> {
    const channel = await connection.sftp()
    if (this.signal.aborted) {
      channel.end()
      throw new Refusal('no-session')
    }
    this.step('opened')
    this.#channel = channel
    const over = () =>
      this.end('failure', connection.ended.reason ?? new Refusal('server-disconnected', { phase: 'files' }))
    channel.on('close', over)
    channel.on('error', over)
  }

  /**
   * A directory: whole (at most `bounds.listing` entries, then `more`), or one page of it.
   * @throws Refusal with SFTP's own reason; `no-session` for a cursor that is not open
   */
  async list({ path, page, cursor }: ClientMessage<'sftp-list'>): Promise<ServerPayload<'sftp-list-result'>> {
    if (cursor !== undefined) return this.#page(cursor, page ?? bounds.page)
    if (this.#listings.size >= this.around.config.limits.cursors)
      throw new Refusal('too-many-handles', { phase: 'files' })
    const absolute = await this.request<string>((sftp, done) => sftp.realpath(path, done))
    const handle = await this.request<Buffer>((sftp, done) => sftp.opendir(absolute, done))
    const listing: Listing = { path: absolute, handle, rest: [], read: false, done: false }
    const id = randomBytes(16).toString('hex')
    this.#listings.set(id, listing)
    if (page !== undefined) return this.#page(id, page)
    try {
      await this.#read(listing, bounds.listing + 1)
      const more = listing.rest.length > bounds.listing
      return { sessionId: this.id, path: absolute, files: listing.rest.slice(0, bounds.listing), ...(more && { more }) }
    } finally {
      this.#close(id, listing)
    }
  }

  async #page(id: string, size: number): Promise<ServerPayload<'sftp-list-result'>> {
    const listing = this.#listings.get(id)
    if (!listing) throw new Refusal('no-session', { phase: 'files', detail: 'This listing is not open any more' })
    try {
      await this.#read(listing, size + 1)
    } catch (error) {
      this.#close(id, listing)
      throw error
    }
    const files = listing.rest.splice(0, size)
    if (listing.rest.length === 0 && listing.done) {
      this.#close(id, listing)
      return { sessionId: this.id, path: listing.path, files }
    }
    return { sessionId: this.id, path: listing.path, files, cursor: id }
  }

  /** Reads until `enough` entries wait or the directory ends. */
  async #read(listing: Listing, enough: number): Promise<void> {
    while (!listing.done && listing.rest.length < enough) {
      // The first two bring a small directory and its end in one round trip.
      const ahead = listing.read ? READ_AHEAD : 2
      listing.read = true
      const replies = await Promise.allSettled(Array.from({ length: ahead }, () => this.#readdir(listing.handle)))
      for (const reply of replies) {
        if (listing.done) break
        if (reply.status === 'rejected') throw reply.reason
        if (!reply.value) listing.done = true
        else
          for (const entry of reply.value)
            if (isEntry(entry.filename)) listing.rest.push(toFileInfo(listing.path, entry))
      }
    }
  }

  /** The next entries, or undefined at the end of the directory. */
  #readdir(handle: Buffer): Promise<FileEntryWithStats[] | undefined> {
    return this.request((sftp, done) =>
      sftp.readdir(handle, (error, list) => {
        if (error && (error as { code?: unknown }).code === STATUS.EOF) done(undefined, undefined)
        else done(error, list)
      }),
    )
  }

  #close(id: string, listing: Listing): void {
    if (this.#listings.delete(id) && this.state === 'open') this.#channel?.close(listing.handle, () => undefined)
  }

  /** One request of the protocol. @throws Refusal with SFTP's own reason, `session-state` where the conversation is not open */
  request<T>(send: (sftp: SFTPWrapper, done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> {
    const channel = this.#channel
    if (!channel || this.state !== 'open') throw new Refusal('session-state')
    this.#requests += 1
    return new Promise((resolve, reject) => {
      const onEnd = () => settle(() => reject(this.signal.reason ?? new Refusal('no-session')))
      const timer = setTimeout(
        () =>
          settle(() => reject(new Refusal('sftp-failure', { phase: 'files', detail: 'The server did not answer' }))),
        REQUEST_MS,
      )
      const settle = (how: () => void) => {
        clearTimeout(timer)
        this.signal.removeEventListener('abort', onEnd)
        this.#requests -= 1
        how()
      }
      this.signal.addEventListener('abort', onEnd)
      send(channel, (error, value) => settle(() => (error ? reject(refusalOf(error)) : resolve(value))))
    })
  }

  protected release(): void {
    this.#channel?.end()
  }
}

/** Status codes of the SFTP draft, version 3, §7. */
const STATUS = { EOF: 1, NO_SUCH_FILE: 2, PERMISSION_DENIED: 3, OP_UNSUPPORTED: 8 } as const

function refusalOf(error: Error & { code?: unknown }): Refusal {
  const phase = 'files'
  switch (error.code) {
    case STATUS.NO_SUCH_FILE:
      return new Refusal('no-such-file', { phase })
    case STATUS.PERMISSION_DENIED:
      return new Refusal('permission-denied', { phase })
    case STATUS.OP_UNSUPPORTED:
      return new Refusal('sftp-unsupported', { phase })
    default:
      return new Refusal('sftp-failure', { phase })
  }
}

/** Names that are one component; a server that sends others lies about the directory. */
function isEntry(name: string): boolean {
  return name !== '.' && name !== '..' && name !== '' && !name.includes('/') && !name.includes('\0')
}

/** Mode, links, owner, group: how OpenSSH and most servers begin the long name, as `ls -l` does. */
const longNameStart = /^\S{10}\S?\s+\d+\s+(\S+)\s+(\S+)\s+/

function toFileInfo(dir: string, { filename, longname, attrs }: FileEntryWithStats): FileInfo {
  const [, owner, group] = longNameStart.exec(longname) ?? []
  return {
    name: filename,
    path: joinPath(dir, filename),
    size: attrs.size ?? 0,
    type: fileType(attrs.mode ?? 0),
    permissions: permissionsText(attrs.mode ?? 0),
    owner: owner ?? String(attrs.uid ?? ''),
    group: group ?? String(attrs.gid ?? ''),
    modifiedAt: new Date((attrs.mtime ?? 0) * 1000),
  }
}
