import { randomBytes } from 'node:crypto'
import { Refusal } from '../../shared/failure.ts'
import { fileType, joinPath, permissionsText, type SentFileInfo } from '../../shared/fileInfo.ts'
import { decodeName } from '../../shared/fileName.ts'
import { bounds, type ClientMessage, type ServerPayload } from '../../shared/protocol.ts'
import { isoTime } from './isoTime.ts'
import type { Entry, SftpClient } from './sftpClient.ts'

/**
 * READDIR requests on their way at once, about 100 entries each; a directory is read by round trips otherwise. They are under way
 * while a page is sent and taken as well.
 */
const READ_AHEAD = 8
/** Bytes of a name that is passed on: no file system has longer ones. */
const NAME_MAX = 4096
/** Bytes that an entry counts for beside its name and path. */
const ENTRY_BYTES = 256
/** Bytes, as they are counted, after which a page ends early. */
const PAGE_BYTES = 512 * 1024

interface Listing {
  path: string
  handle: Buffer
  /** Replies that the server owes, in order. */
  asked: Promise<Entry[] | undefined>[]
  /** Read from the server but not yet asked for. */
  rest: SentFileInfo[]
  /** Whether a first reply has come. */
  read: boolean
  done: boolean
  /** Entries so far, and their bytes; beyond the bounds it is cut off. */
  entries: number
  bytes: number
  cut: boolean
  /** Entries that no file can be called so. */
  dropped: number
  /** Entries have the numbers of the server as well, which seed 000 does not know. */
  numbers: boolean
}

type Listed = Omit<ServerPayload<'sftp-list-result'>, 'sessionId'>

/** The directories that one session reads. */
export class Listings {
  readonly #client: SftpClient
  readonly #max: number
  readonly #open = new Map<string, Listing>()

  /** @param max directories that are read at once */
  constructor(client: SftpClient, max: number) {
    this.#client = client
    this.#max = max
  }

  /**
   * A directory: whole, or one page of it; at most `bounds.listing` entries of `bounds.listingBytes`, then `more`.
   * @throws Refusal with SFTP's own reason; `no-session` for a cursor that is not open
   */
  async list({ path, page, cursor, stop }: Omit<ClientMessage<'sftp-list'>, 'sessionId'>): Promise<Listed> {
    if (cursor !== undefined) return stop ? this.#stop(cursor) : this.#page(cursor, page ?? bounds.page)
    if (this.#open.size >= this.#max) throw new Refusal('too-many-handles', { phase: 'files' })
    const id = randomBytes(16).toString('hex')
    const listing = await this.#begin(id, path, page !== undefined)
    if (page !== undefined) return this.#page(id, page)
    try {
      await this.#read(listing, Number.POSITIVE_INFINITY)
      return { path: listing.path, files: listing.rest, ...lastWords(listing) }
    } finally {
      this.#close(id, listing)
    }
  }

  async #begin(id: string, path: string, numbers: boolean): Promise<Listing> {
    const begun = { asked: [], rest: [], read: false, done: false, cut: false, entries: 0, bytes: 0, dropped: 0 }
    const listing: Listing = { path, numbers, handle: Buffer.alloc(0), ...begun }
    // Counted while it opens as well.
    this.#open.set(id, listing)
    try {
      listing.path = await this.#client.realpath(path)
      listing.handle = await this.#client.opendir(listing.path)
      return listing
    } catch (error) {
      this.#open.delete(id)
      throw error
    }
  }

  #get(id: string): Listing {
    const listing = this.#open.get(id)
    if (!listing) throw new Refusal('no-session', { phase: 'files', detail: 'This listing is not open any more' })
    return listing
  }

  #stop(id: string): Listed {
    const listing = this.#get(id)
    this.#close(id, listing)
    return { path: listing.path, files: [] }
  }

  async #page(id: string, size: number): Promise<Listed> {
    const listing = this.#get(id)
    try {
      await this.#read(listing, size + 1)
      const files = listing.rest.splice(0, pageLength(listing.rest, size))
      await this.#followLinks(files)
      const { path } = listing
      if (listing.rest.length > 0 || !listing.done) return { path, files, cursor: id }
      this.#close(id, listing)
      return { path, files, ...lastWords(listing) }
    } catch (error) {
      this.#close(id, listing)
      throw error
    }
  }

  /** Reads until `enough` entries wait or the directory ends. */
  async #read(listing: Listing, enough: number): Promise<void> {
    while (!listing.done && listing.rest.length < enough) {
      // The first two bring a small directory and its end in one round trip.
      const ahead = listing.read ? READ_AHEAD : 2
      while (listing.asked.length < ahead) {
        const reply = this.#client.readdir(listing.handle)
        // Whoever waits for it hears of it; for one that is beyond the end nobody waits.
        reply.catch(() => undefined)
        listing.asked.push(reply)
      }
      const entries = await listing.asked.shift()
      listing.read = true
      if (!entries) listing.done = true
      else for (const entry of entries) take(listing, entry)
    }
  }

  /** What links say; one that cannot be read says nothing. */
  async #followLinks(files: SentFileInfo[]): Promise<void> {
    const links = files.filter(({ type }) => type === 'symlink')
    await Promise.all(
      links.map(async (link) => {
        const target = await this.#client.readlink(link.path).catch(() => undefined)
        if (target !== undefined) link.target = target
      }),
    )
  }

  #close(id: string, listing: Listing): void {
    if (this.#open.delete(id)) this.#client.closeHandle(listing.handle).catch(() => undefined)
  }
}

/** What is said with the last of a directory. */
function lastWords({ cut, dropped }: Listing): Pick<Listed, 'more' | 'dropped'> {
  return { ...(cut && { more: true }), ...(dropped > 0 && { dropped }) }
}

function take(listing: Listing, entry: Entry): void {
  const { name } = entry
  if (listing.cut || isDots(name)) return
  if (name.length === 0 || name.length > NAME_MAX || name.includes(0x2f) || name.includes(0)) {
    listing.dropped += 1
    return
  }
  const info = toFileInfo(listing.path, entry)
  if (listing.numbers) addNumbers(info, entry)
  listing.entries += 1
  listing.bytes += bytesOf(info)
  if (listing.entries > bounds.listing || listing.bytes > bounds.listingBytes) {
    listing.cut = listing.done = true
    return
  }
  listing.rest.push(info)
}

function isDots(name: Buffer): boolean {
  return name[0] === 0x2e && (name.length === 1 || (name.length === 2 && name[1] === 0x2e))
}

function bytesOf({ path, name }: SentFileInfo): number {
  return path.length + name.length + ENTRY_BYTES
}

/** How many of these a page has: at least one. */
function pageLength(files: SentFileInfo[], most: number): number {
  let bytes = 0
  const full = files.slice(0, most).findIndex((info, at) => {
    bytes += bytesOf(info)
    return at > 0 && bytes > PAGE_BYTES
  })
  return full < 0 ? most : full
}

/** Mode, links, owner, group: how OpenSSH and most servers begin the long name, as `ls -l` does. */
const longNameStart = /^\S{10}\S?\s+\d+\s+(\S+)\s+(\S+)\s+/
/** Bytes of a long name in which owner and group are looked for. */
const LONG_NAME_READ = 256

function toFileInfo(dir: string, { name: bytes, longName, attributes }: Entry): SentFileInfo {
  const [, owner, group] = longNameStart.exec(longName.toString('latin1', 0, LONG_NAME_READ)) ?? []
  const { size = 0, mode, uid, gid, mtime = 0 } = attributes
  const name = decodeName(bytes)
  return {
    name,
    path: joinPath(dir, name),
    size,
    type: fileType(mode ?? 0),
    permissions: permissionsText(mode ?? 0),
    owner: owner ?? String(uid ?? ''),
    group: group ?? String(gid ?? ''),
    modifiedAt: isoTime(mtime),
  }
}

function addNumbers(info: SentFileInfo, { attributes: { mode, uid, gid, atime } }: Entry): void {
  if (mode !== undefined) info.mode = mode
  if (uid !== undefined) info.uid = uid
  if (gid !== undefined) info.gid = gid
  if (atime !== undefined) info.atime = atime
}
