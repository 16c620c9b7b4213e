import { createHash } from 'node:crypto'
import type { ServerPayload } from '../../shared/protocol.ts'
import { attachKey, Client } from './client.ts'
import type { Cut } from './cut.ts'

/** A client that comes back after every cut: it renders what it gets, in order, and types exactly once. */
export class Returning {
  readonly sessionId: string
  /** Offset of the next byte of output that it has not had. */
  rendered = 0
  /** Bytes of output that were told missing, skipped, or came twice. */
  lost = 0
  doubled = 0
  readonly hash = createHash('sha256')
  readonly #key = attachKey()
  readonly #url: string
  readonly #connect: object
  #client: Client | undefined
  #pending = Buffer.alloc(0)
  #pendingFrom = 0
  #onTaken: () => void = () => undefined

  /** @param connect payload of `ssh-connect`, without what makes it resumable */
  constructor(url: string, connect: { sessionId: string }) {
    this.#url = url
    this.#connect = connect
    this.sessionId = connect.sessionId
  }

  get client(): Client {
    if (!this.#client) throw new Error('not connected')
    return this.#client
  }

  /** Resolves once the relay has taken all that was typed. */
  taken(): Promise<void> {
    if (this.#pending.length === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onTaken = resolve
    })
  }

  async connect(): Promise<void> {
    await this.#open()
    await this.client.ask('ssh-connect', { ...this.#connect, resume: this.#key.resume })
  }

  /** Takes the session up again on a new socket. */
  async comeBack(): Promise<void> {
    const { nonce, epoch } = await this.#open()
    const { sessionId, rendered: offset } = this
    const signature = this.#key.sign({ nonce, epoch, sessionId, offset })
    const attached = await this.client.ask<ServerPayload<'ssh-attached'>>('ssh-attach', {
      sessionId,
      offset,
      signature,
    })
    this.lost += attached.missing
    this.#accepted(attached.inputOffset)
    if (this.#pending.length > 0) {
      this.client.send('ssh-data', { sessionId, data: this.#pending, offset: this.#pendingFrom })
    }
  }

  /** Types; what cannot be sent now is sent on return. */
  type(text: string): void {
    const data = Buffer.from(text)
    const offset = this.#pendingFrom + this.#pending.length
    this.#pending = Buffer.concat([this.#pending, data])
    this.client.send('ssh-data', { sessionId: this.sessionId, data, offset })
  }

  async #open(): Promise<ServerPayload<'relay-hello'>> {
    const client = await Client.open(this.#url)
    client.onPrompt = (prompt) => (prompt.kind === 'host-key' ? { kind: 'host-key', accept: true } : undefined)
    this.#client = client
    client.socket.on('ssh-data', ({ data, offset = 0 }: ServerPayload<'ssh-data'>) => {
      const bytes = Buffer.from(data as Uint8Array)
      this.lost += Math.max(0, offset - this.rendered)
      this.doubled += Math.max(0, this.rendered - offset)
      this.hash.update(bytes)
      this.rendered = offset + bytes.length
      client.send('ssh-ack', { sessionId: this.sessionId, offset: this.rendered })
    })
    client.socket.on('ssh-ack', ({ offset }: ServerPayload<'ssh-ack'>) => this.#accepted(offset))
    return client.next('relay-hello')
  }

  #accepted(offset: number): void {
    if (offset <= this.#pendingFrom) return
    this.#pending = this.#pending.subarray(offset - this.#pendingFrom)
    this.#pendingFrom = offset
    if (this.#pending.length === 0) this.#onTaken()
  }
}

/** What a stream both ways through cuts came to; `output` and `expected` are SHA-256. */
export interface Streamed {
  lost: number
  doubled: number
  bytes: number
  expectedBytes: number
  output: string
  expected: string
  /** How often it could attach; the other cuts hit the way back. */
  attached: number
}

/** Bytes typed between two cuts. */
const PIECE = 20_000

/**
 * A server counts lines one way and hashes what it is told, while the network is cut again and again, in the middle of
 * whatever is under way: a handshake, an attach, a frame, a character.
 */
export async function streamThroughCuts(cut: Cut, connect: { sessionId: string }, cuts: number): Promise<Streamed> {
  const lines = cuts * 20_000
  const toType = cuts * PIECE
  const me = new Returning(`http://127.0.0.1:${cut.port}`, {
    ...connect,
    command: [
      'stty raw -echo',
      'exec 3<&0',
      'echo ready',
      `(head -c ${toType} <&3 | sha256sum > $HOME/cut.$$) & seq -f 'line %.0f of the stream' 1 ${lines}`,
      'wait',
      'cat $HOME/cut.$$',
      'rm $HOME/cut.$$',
    ].join('; '),
  } as { sessionId: string })
  await me.connect()
  await me.client.shows(me.sessionId, 'ready')
  const typed = createHash('sha256')
  let attached = 0
  for (let turn = 0; turn < cuts; turn++) {
    const piece = `${turn} `.repeat(PIECE).slice(0, PIECE)
    typed.update(piece)
    me.type(piece.slice(0, PIECE / 2))
    cut.cutAfter(1500 + ((turn * 7919) % 20) * 7000)
    const { client } = me
    if (!client.gone) await new Promise<void>((resolve) => client.socket.once('disconnect', () => resolve()))
    me.type(piece.slice(PIECE / 2))
    await me.comeBack().then(
      () => {
        attached += 1
      },
      () => undefined,
    )
  }
  while (me.client.gone) await me.comeBack()
  await me.client.next('ssh-disconnected', (one) => one.sessionId === me.sessionId && one.exitCode === 0)
  me.client.close()
  const expected = createHash('sha256')
  let expectedBytes = 0
  const expect = (text: string) => {
    expected.update(text)
    expectedBytes += text.length
  }
  expect('ready\n')
  for (let line = 1; line <= lines; line++) expect(`line ${line} of the stream\n`)
  expect(`${typed.digest('hex')}  -\n`)
  const { lost, doubled, rendered: bytes } = me
  return {
    lost,
    doubled,
    bytes,
    expectedBytes,
    output: me.hash.digest('hex'),
    expected: expected.digest('hex'),
    attached,
  }
}
