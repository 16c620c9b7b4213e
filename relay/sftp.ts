import type { ClientChannel } from 'ssh2'
import { Refusal } from '../shared/failure.ts'
import { bounds, type ClientMessage, type ServerPayload } from '../shared/protocol.ts'
import { type Connection, NoRoom } from './connection.ts'
import type { Fields } from './log.ts'
import { type Birth, type Route, Session } from './session.ts'
import { type By, converse, type Way } from './sftp/converse.ts'
import { Listings } from './sftp/listings.ts'
import { OpenFiles } from './sftp/openFiles.ts'
import type { SftpClient } from './sftp/sftpClient.ts'
import type { Bytes } from './traffic.ts'

/** What is known of a server once it has answered. */
type Greeting = Pick<ServerPayload<'sftp-connected'>, 'home' | 'extensions' | 'limits' | 'by'>

interface Conversation {
  client: SftpClient
  connection: Connection
  listings: Listings
  files: OpenFiles
  greeting: Greeting
}

/** Files of one session that the browser itself fetches at once; each has `bounds.copyAhead` on its way. */
const LENT_MAX = 8

/** An SFTP conversation. */
export class Sftp extends Session {
  readonly failureEvent = 'sftp-error'
  protected readonly overEvent = 'sftp-disconnected'
  readonly memory = 0
  readonly resumable = false
  #way: Way
  #conversation: Conversation | undefined
  /** Of the channels that are open: one, or with the commands of a shell some; and of those that were. */
  readonly #traffic = new Set<Readonly<Bytes>>()
  readonly #past: Bytes = { out: 0, in: 0 }
  /** Files that the browser itself fetches. */
  #lent = 0
  /** File requests of the client on their way, and bytes of file in them. */
  #requests = 0
  #load = 0

  constructor(birth: Birth, way: Way) {
    super(birth)
    this.#way = way
  }

  get outputBytes(): number {
    return this.#sum((bytes) => bytes.out)
  }

  get inputBytes(): number {
    return this.#sum((bytes) => bytes.in)
  }

  /** Whom it serves and where it goes; of one that is not had by the subsystem, how. */
  override get record(): Fields {
    const { by = 'subsystem' } = this.#way
    return { ...super.record, ...(by !== 'subsystem' && { by }) }
  }

  /** Whether the server owes an answer, or a file is being fetched. */
  get busy(): boolean {
    return this.#requests > 0 || this.#lent > 0 || (this.#conversation?.client.pending ?? 0) > 0
  }

  /** What the server has said of itself. @throws Refusal `session-state` */
  get greeting(): Greeting {
    return this.#open.greeting
  }

  /** Speaks to the server. @throws Refusal `session-state` where the conversation is not open */
  get client(): SftpClient {
    return this.#open.client
  }

  /** The files that the client has open. @throws Refusal `session-state` */
  get files(): OpenFiles {
    return this.#open.files
  }

  get #open(): Conversation {
    if (!this.#conversation || this.state !== 'open') throw new Refusal('session-state')
    return this.#conversation
  }

  /**
   * Logs in by itself, or shares the connection of a session that goes the same way.
   * @returns whether it is shared
   * @throws Refusal with the phase that failed
   */
  open(route: Route, near?: Session): Promise<boolean> {
    return this.openBeside(route, near, (connection) => this.#start(connection))
  }

  /** Shares the connection of an open session: no second login. @throws Refusal `too-many-sessions`, and what `find` throws */
  async openOn(find: () => Connection): Promise<boolean> {
    const connection = find()
    this.share(connection)
    await this.around.audit?.begin('session-begin', this.record)
    try {
      await this.#start(connection)
    } catch (error) {
      throw error instanceof NoRoom ? new Refusal('too-many-sessions', { phase: 'files' }) : error
    }
    return true
  }

  /** A directory, or a page of it. @throws Refusal with SFTP's own reason; `no-session` for a cursor that is not open */
  async list({ sessionId: _, ...asked }: ClientMessage<'sftp-list'>): Promise<ServerPayload<'sftp-list-result'>> {
    return { sessionId: this.id, ...(await this.#open.listings.list(asked)) }
  }

  /**
   * Runs a request on files of which the client may have so many on their way.
   * @param load bytes of file that it has on its way
   * @throws Refusal `too-many-requests`, and what `work` throws
   */
  async admit<T>(load: number, work: () => Promise<T>): Promise<T> {
    if (this.#requests >= bounds.fileRequests || this.#load + load > bounds.fileBytes) {
      const detail = 'The session has as many file requests on their way as it may'
      throw new Refusal('too-many-requests', { phase: 'files', detail })
    }
    this.#requests += 1
    this.#load += load
    try {
      return await work()
    } finally {
      this.#requests -= 1
      this.#load -= load
    }
  }

  /** Runs the download of an offered file, of which there may be so many at once. @throws Refusal `too-many-requests`, and what `work` throws */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    if (this.#lent >= LENT_MAX) throw new Refusal('too-many-requests', { phase: 'files' })
    this.#lent += 1
    try {
      return await work()
    } finally {
      this.#lent -= 1
    }
  }

  /** Runs a command on the same connection. @throws Refusal `session-state`, `shell-refused` */
  exec(command: string): ReturnType<Connection['exec']> {
    return this.#open.connection.exec(command)
  }

  async #start(connection: Connection): Promise<void> {
    const over = (reason: Refusal) => this.end('failure', connection.ended.reason ?? reason)
    const { limits } = this.around.config
    let client: SftpClient
    let by: By
    try {
      const options = {
        stallMs: limits.sftpStallMs,
        over,
        opened: (channel: ClientChannel) => this.#count(channel, connection.count(channel)),
        report: (error: unknown) => this.around.log('bug', { session: this.id, error: String(error) }),
        signal: this.signal,
      }
      const conversation = await converse(connection, this.#way, options)
      client = conversation.client
      by = conversation.by
    } catch (error) {
      // Where there is no room for it, it is begun once more on a connection of its own.
      if (!(error instanceof NoRoom)) this.#forgetPassword()
      throw connection.ended.reason ?? error
    }
    this.#forgetPassword()
    if (this.signal.aborted) {
      client.close(this.signal.reason)
      throw new Refusal('no-session')
    }
    this.step('opened')
    const { read, write } = client.limits
    const handles = Math.min(limits.openFiles, client.limits.handles)
    this.#conversation = {
      client,
      connection,
      listings: new Listings(client, limits.cursors),
      files: new OpenFiles(handles),
      greeting: {
        home: client.home,
        extensions: [...client.extensions.keys()],
        limits: { read, write, handles },
        by,
      },
    }
  }

  #forgetPassword(): void {
    this.#way = { by: this.#way.by }
  }

  #count(channel: ClientChannel, bytes: Readonly<Bytes>): void {
    this.#traffic.add(bytes)
    channel.once('close', () => {
      this.#traffic.delete(bytes)
      this.#past.out += bytes.out
      this.#past.in += bytes.in
    })
  }

  #sum(of: (bytes: Readonly<Bytes>) => number): number {
    return [this.#past, ...this.#traffic].reduce((sum, bytes) => sum + of(bytes), 0)
  }

  protected release(): void {
    this.#forgetPassword()
    this.#conversation?.client.close(this.signal.reason)
  }
}
