import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { exchangeHash } from '../../pwa/model/exchangeHash.ts'
import { algorithmsFor } from '../../relay/algorithms.ts'
import { sessionId, takeExchange } from '../../relay/exchange.ts'
import type { Exchange } from '../../shared/protocol.ts'
import { makeSshKey, type SshKey } from '../harness/sshKey.ts'

let dir: string
let key: SshKey
let server: ssh2.Server
const clients: ssh2.Client[] = []
const connections: ssh2.Connection[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-exchange-'))
  key = await makeSshKey(join(dir, 'host'))
  const { kex } = algorithmsFor(true)
  server = new ssh2.Server({ hostKeys: [key.private], algorithms: { kex } }, (connection) => {
    connections.push(connection)
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => context.accept())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  for (const client of clients.splice(0)) client.end()
})
afterAll(async () => {
  await new Promise<void>((resolve) => server.close(() => resolve()))
  await rm(dir, { recursive: true })
})

/** Connects and takes what the first key exchange was made of. */
async function connect(kex: ssh2.KexAlgorithm): Promise<{ client: ssh2.Client; exchange: () => Exchange | undefined }> {
  const client = new ssh2.Client()
  clients.push(client)
  let exchange: (() => Exchange | undefined) | undefined
  let early: Exchange | undefined
  await new Promise<void>((resolve, reject) => {
    client.on('ready', resolve).on('error', reject)
    client.connect({
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      username: 'x',
      algorithms: { kex: [kex] },
      hostVerifier: () => {
        if (exchange) return true
        exchange = takeExchange(client)
        early = exchange()
        return true
      },
    })
  })
  expect(early).toBeUndefined()
  return { client, exchange: exchange ?? (() => undefined) }
}

// What a server makes up a group for, ssh2's own cannot do: `userauth.test.ts` has it, against OpenSSH's.
const offered = algorithmsFor(true).kex as ssh2.KexAlgorithm[]

test.each(offered.filter((kex) => !kex.includes('group-exchange')))(
  'what ssh2 keeps of a key exchange by %s gives its session id',
  async (kex) => {
    const { client, exchange } = await connect(kex)
    const taken = exchange()
    if (!taken) throw new Error('nothing was taken')
    const { hash, agreed } = await exchangeHash(taken, key.blob, true)
    expect(Buffer.from(hash)).toEqual(sessionId(client))
    expect(agreed).toEqual({ kex, hostKeyAlgorithm: 'ssh-ed25519' })
  },
)

test('the session id stays that of the first key exchange', async () => {
  const { client, exchange } = await connect('curve25519-sha256')
  const before = sessionId(client)
  const taken = exchange()
  await new Promise<void>((resolve) => {
    client.once('handshake', () => resolve())
    connections.at(-1)?.rekey()
  })
  expect(sessionId(client)).toEqual(before)
  expect(exchange()).toEqual(taken)
})
