import { createHash } from 'node:crypto'
import type { ServerPayload } from '../../shared/protocol.ts'
import { attachKey, Client, type ClientOptions } from './client.ts'
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
  readonly #options: ClientOptions
  #client: Client | undefined
  #pending = Buffer.alloc(0)
  #pendingFrom = 0
  #onTaken: () => void = () => undefined

  /** @param connect payload of `ssh-connect`, without what makes it resumable */
  constructor(url: string, connect: { sessionId: string }, options: ClientOptions = {}) {
    this.#url = url
    this.#options = options
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
    const client = await Client.open(this.#url, this.#options)
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

/** What a stream both ways came to; `output`, `input` and what was expected of them are SHA-256. */
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

/** The stream: a line is typed so long, so many between two cuts, and each is answered with so many lines. */
const stream = { typed: 100, turn: 10, answered: 40 }

/** What happens between two pieces that are typed, the last time included; gives how often the session was taken up again. */
export type Weather = (me: Returning, last: boolean) => Promise<number>

/**
 * Cuts the network in the middle of whatever is under way, every fourth time on the way back too: in a handshake, an attach, a
 * frame, a character.
 */
export function cutting(cut: Cut, random: (below: number) => number): Weather {
  return async (me, last) => {
    // Less than the answers to what has just been typed.
    cut.cutAfter(1 + random(2000))
    const { client } = me
    if (!client.gone) await new Promise<void>((resolve) => client.socket.once('disconnect', () => resolve()))
    cut.cutAfter(random(4) === 0 && !last ? 1 + random(1500) : Number.POSITIVE_INFINITY)
    return me.comeBack().then(
      () => 1,
      () => 0,
    )
  }
}

/**
 * A program answers every line that it is told with numbered lines, in a character of two bytes each, and in the end with
 * the hash of what it was told, while the weather does what it does between any two pieces.
 */
export async function streamThrough(
  url: string,
  connect: { sessionId: string },
  turns: number,
  weather: Weather,
  options: ClientOptions = {},
): Promise<Streamed> {
  const toType = turns * stream.turn * stream.typed
  const answering = [
    `$|=1; open F, ">", $ENV{told}; $left=${toType}`,
    'while ($left>0 && sysread(STDIN, $told, 8192)) { syswrite F, $told; $left-=length $told',
    `for (1..($told=~tr/\\n//)*${stream.answered}) { $n++; print "line $n \u00e9\\n" } }`,
  ].join('; ')
  const me = new Returning(
    url,
    {
      ...connect,
      command: `export told=$(mktemp); stty raw -echo; echo ready; perl -e '${answering}'; sha256sum < $told; rm $told`,
    } as { sessionId: string },
    options,
  )
  await me.connect()
  await me.client.shows(me.sessionId, 'ready')
  const typed = createHash('sha256')
  let attached = 0
  for (let turn = 0; turn < turns; turn++) {
    const text = Array.from({ length: stream.turn }, (_, n) => `${turn}-${n} `.padEnd(stream.typed - 1, '.')).join('\n')
    const piece = `${text}\n`
    typed.update(piece)
    me.type(piece.slice(0, piece.length / 2))
    attached += await weather(me, turn === turns - 1)
    me.type(piece.slice(piece.length / 2))
  }
  while (me.client.gone) await me.comeBack().catch(() => undefined)
  await me.client.next('ssh-disconnected', (one) => one.sessionId === me.sessionId && one.exitCode === 0)
  me.client.close()
  const expected = createHash('sha256')
  let expectedBytes = 0
  const expect = (text: string) => {
    expected.update(text)
    expectedBytes += Buffer.byteLength(text)
  }
  expect('ready\n')
  for (let line = 1; line <= turns * stream.turn * stream.answered; line++) expect(`line ${line} \u00e9\n`)
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
