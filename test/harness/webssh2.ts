import type { Socket } from 'socket.io-client'
import { io } from 'socket.io-client'
// It comes without types; what it shares with version 4 is all that is used.
// @ts-expect-error the alias of version 2 has no declarations
import io2 from 'socket.io-client-2'
import type { Sshd } from './sshd.ts'

interface Seen {
  event: string
  payload: unknown
}

const heard = [
  'permissions',
  'authentication',
  'connection-error',
  'getTerminal',
  'updateUI',
  'ssherror',
  'prompt',
  'authFailure',
  'exec-data',
  'exec-exit',
  'hostkey:verify',
  'hostkey:verified',
  'hostkey:mismatch',
  'hostkey:alert',
  'hostkey:rejected',
  'sftp-status',
  'sftp-directory',
  'sftp-stat-result',
  'sftp-operation-result',
  'sftp-upload-ready',
  'sftp-upload-ack',
  'sftp-download-ready',
  'sftp-download-chunk',
  'sftp-progress',
  'sftp-complete',
  'sftp-error',
]

/** What a client needs to know of an account to log in to it. */
type Account = Pick<Sshd, 'host' | 'port' | 'username' | 'password'>

/** A client as people have written them for WebSSH2: by events, with no acknowledgement. */
export class Webssh2Client {
  readonly socket: Socket
  /** All events but `data`, in the order in which they came. */
  readonly seen: Seen[] = []
  /** Output of the shell, as bytes. */
  output = Buffer.alloc(0)
  /** Output that came as strings. */
  text = ''
  gone: string | undefined
  readonly #waiting = new Set<() => void>()
  readonly #used = new Set<Seen>()

  private constructor(socket: Socket) {
    this.socket = socket
    for (const event of heard) {
      socket.on(event, (payload: unknown) => {
        this.seen.push({ event, payload })
        this.#wake()
      })
    }
    socket.on('data', (data: string | Buffer) => {
      if (typeof data === 'string') this.text += data
      else this.output = Buffer.concat([this.output, Buffer.from(data)])
      this.#wake()
    })
    socket.on('disconnect', (reason: string) => {
      this.gone = reason
      this.#wake()
    })
  }

  /** Connects at `/ssh/socket.io`. @param version of Socket.IO's client */
  static async open(url: string, options: object = {}, version: 2 | 4 = 4): Promise<Webssh2Client> {
    const all = { path: '/ssh/socket.io', forceNew: true, reconnection: false, transports: ['websocket'], ...options }
    const client = new Webssh2Client(version === 4 ? io(url, all) : (io2(url, all) as Socket))
    await new Promise<void>((resolve, reject) => {
      client.socket.once('connect', () => resolve())
      client.socket.once(version === 4 ? 'connect_error' : 'error', (reason: unknown) => {
        client.close()
        reject(reason)
      })
    })
    return client
  }

  send(event: string, ...payload: unknown[]): void {
    this.socket.emit(event, ...payload)
  }

  /** The first event of that name which no call has had yet. */
  // biome-ignore lint/suspicious/noExplicitAny: payloads as a script in plain JavaScript sees them
  next(event: string, fits: (payload: any) => boolean = () => true): Promise<any> {
    return this.until(() => {
      const found = this.seen.find((one) => one.event === event && !this.#used.has(one) && fits(one.payload))
      if (found) this.#used.add(found)
      return found
    }).then(({ payload }) => payload)
  }

  /** Waits until what is looked for is there. */
  until<T>(look: () => T | undefined | false): Promise<T> {
    return new Promise((resolve) => {
      const wake = () => {
        const found = look()
        if (found === undefined || found === false) return
        this.#waiting.delete(wake)
        resolve(found)
      }
      this.#waiting.add(wake)
      wake()
    })
  }

  /** Waits for text in the output of the shell. */
  async shown(text: string): Promise<void> {
    await this.until(() => this.output.includes(text))
  }

  /** Logs in to an account. */
  authenticate(to: Account, more: object = {}): void {
    const { host, port, username, password } = to
    this.send('authenticate', { host, port, username, password, term: 'xterm-color', cols: 90, rows: 20, ...more })
  }

  /** Logs in, opens the shell and waits for its prompt. */
  async shell(to: Account, more: object = {}): Promise<void> {
    this.authenticate(to, more)
    await this.next('getTerminal')
    this.send('terminal', { cols: 90, rows: 20 })
    await this.shown('$ ')
  }

  /** Names of what came so far, `data` left out. */
  get names(): string[] {
    return this.seen.map(({ event }) => event)
  }

  close(): void {
    this.socket.disconnect()
  }

  /** Reads nothing any more, as a page does that stalls; of use over long-polling. Resolves when it has stopped. */
  async stall(): Promise<() => void> {
    // What version 2 and 4 keep their transport in, private to both.
    const { engine } = this.socket.io as unknown as { engine: { transport: { doPoll(): void } } }
    const { transport } = engine
    const poll = transport.doPoll
    await new Promise<void>((resolve) => {
      transport.doPoll = () => resolve()
    })
    return () => {
      transport.doPoll = poll
      transport.doPoll()
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}

/** The clients of one test file. */
export class Webssh2Clients {
  readonly #open: Webssh2Client[] = []

  /** Connects one more. @param version of Socket.IO's client */
  async open(url: string, options: object = {}, version: 2 | 4 = 4): Promise<Webssh2Client> {
    const one = await Webssh2Client.open(url, options, version)
    this.#open.push(one)
    return one
  }

  /** Ends them all. */
  close(): void {
    for (const client of this.#open.splice(0)) client.close()
  }
}
