import { connect, type Socket } from 'node:net'

/** Firefox's own remote control over TCP: `length:[type, id, command, parameters]` (Marionette protocol 3). */
export class Marionette {
  readonly #socket: Socket
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #received = Buffer.alloc(0)
  #id = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#take(chunk))
    const lost = () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Firefox is gone'))
      this.#waiting.clear()
    }
    socket.on('error', lost).on('close', lost)
  }

  /** Connects to a Marionette that listens. */
  static open(port: number): Promise<Marionette> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', reject)
      // The server greets first; before that it takes no command.
      socket.once('data', () => {
        socket.off('error', reject)
        resolve(new Marionette(socket))
      })
    })
  }

  /** Runs a WebDriver or Marionette command; `value` is taken out of the answer where it stands alone. */
  send(command: string, parameters: Record<string, unknown> = {}): Promise<unknown> {
    const id = ++this.#id
    const message = JSON.stringify([0, id, command, parameters])
    this.#socket.write(`${Buffer.byteLength(message)}:${message}`)
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    for (;;) {
      const colon = this.#received.indexOf(':')
      const end = colon + 1 + Number(this.#received.subarray(0, Math.max(0, colon)).toString())
      if (colon < 0 || this.#received.length < end) return
      const [, id, error, result] = JSON.parse(this.#received.subarray(colon + 1, end).toString())
      this.#received = this.#received.subarray(end)
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error) waiting?.reject(new Error(`${error.error}: ${error.message}`))
      else waiting?.resolve(result !== null && typeof result === 'object' && 'value' in result ? result.value : result)
    }
  }
}
