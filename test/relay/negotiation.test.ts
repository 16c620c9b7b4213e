import { getDiffieHellman } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Client, type Refused } from '../harness/client.ts'
import { message, messageOf, startHostile } from '../harness/hostileServer.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'
import { makeSshKey, type SshKey } from '../harness/sshKey.ts'

let relay: TestRelay
let client: Client
let rsa: SshKey
let dir: string
const open: { close(): unknown }[] = []
let count = 0

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-negotiation-'))
  rsa = await makeSshKey(join(dir, 'rsa'), 'rsa', 2048)
  relay = await startTestRelay({ limits: { connectBurst: 1000 } })
  client = await Client.open(relay.url)
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
afterAll(async () => {
  client.close()
  await relay.close()
  await rm(dir, { recursive: true })
})

const good = {
  kex: ['curve25519-sha256', 'kex-strict-s-v00@openssh.com'],
  hostKey: ['ssh-ed25519'],
  cipher: ['aes128-ctr'],
  mac: ['hmac-sha2-256'],
  compress: ['none'],
}
type Offer = typeof good

/** A KEXINIT (RFC 4253 §7.1). */
function kexInit({ kex, hostKey, cipher, mac, compress }: Offer): Buffer {
  const lists = [kex, hostKey, cipher, cipher, mac, mac, compress, compress, [], []].map((list) => list.join(','))
  const [, ...body] = messageOf(message.kexinit, ...lists, false, 0)
  return Buffer.concat([Buffer.from([message.kexinit]), Buffer.alloc(16, 7), Buffer.from(body)])
}

/** A packet without encryption (RFC 4253 §6). */
function packet(payload: Buffer): Buffer {
  const padding = 8 - ((payload.length + 5) % 8) + 8
  const head = Buffer.alloc(5)
  head.writeUInt32BE(payload.length + padding + 1)
  head[4] = padding
  return Buffer.concat([head, payload, Buffer.alloc(padding)])
}

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    onConnection(socket)
  })
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  })
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  return (server.address() as { port: number }).port
}

/** A server that says this much, whatever it hears. */
const saying = (...payloads: Buffer[]) =>
  listen((socket) => socket.write(Buffer.concat([Buffer.from('SSH-2.0-old\r\n'), ...payloads.map(packet)])))

/** A server of the time before RFC 8308. */
function neverTellsAlgorithms(connection: Connection): void {
  let current: object
  Object.defineProperty((connection as unknown as { _protocol: object })._protocol, '_kex', {
    get: () => current,
    set: (next: object) => {
      current = Object.defineProperty(next, 'remoteExtInfoEnabled', { get: () => false, set: () => undefined })
    },
  })
}

/** How a connect to a port of loopback fails, or `connected`. */
async function outcome(port: number, more: object = {}): Promise<Refused['failure'] | 'connected'> {
  return client
    .ask('ssh-connect', { sessionId: `to-${++count}`, host: '127.0.0.1', port, username: 'x', ...more })
    .then(
      () => 'connected' as const,
      (error: Refused) => error.failure,
    )
}

describe('A-ALG-01 a server that offers nothing else is refused with a reason, whatever was allowed', () => {
  test.each<[string, Partial<Offer>]>([
    ['the key exchange', { kex: ['diffie-hellman-group1-sha1'] }],
    ['the key exchange', { kex: ['diffie-hellman-group-exchange-sha1'] }],
    ['its host key', { hostKey: ['ssh-dss'] }],
    ['encryption', { cipher: ['arcfour', 'arcfour256'] }],
    ['encryption', { cipher: ['3des-cbc', 'aes128-cbc'] }],
    ['integrity', { mac: ['hmac-md5'] }],
    ['compression', { compress: ['zlib', 'zlib@openssh.com'] }],
  ])('for %s only %j', async (kind, offer) => {
    const names = Object.values(offer).flat().join(', ')
    for (const legacyAlgorithms of [false, true]) {
      expect(await outcome(await saying(kexInit({ ...good, ...offer })), { legacyAlgorithms })).toMatchObject({
        code: 'key-exchange-failed',
        phase: 'key-exchange',
        message: expect.stringContaining(`for ${kind} only ${names}`),
      })
    }
  })

  test('a server with several old kinds is told of at once; what is no name is not repeated', async () => {
    const port = await saying(
      kexInit({ ...good, kex: ['\u001b[31mred', 'diffie-hellman-group1-sha1', ...'abcdefgh'], mac: ['\r\nX: y'] }),
    )
    const failure = await outcome(port)
    expect(failure).toMatchObject({
      message:
        'The server has no safe algorithm in common with the relay: for the key exchange only ' +
        'diffie-hellman-group1-sha1, a, b, c, d, e and 4 more; for integrity only names that mean nothing',
    })
  })
})

describe('A-ALG-01 old algorithms that may be allowed for a host', () => {
  let old: Sshd
  let oldKey: Sshd
  beforeAll(async () => {
    ;[old, oldKey] = await Promise.all([
      startSshd(['KexAlgorithms diffie-hellman-group14-sha1', 'MACs hmac-sha1', 'Ciphers aes128-ctr']),
      startSshd([`HostKey ${rsa.file}`, 'HostKeyAlgorithms ssh-rsa']),
      startSshd([
        'PubkeyAcceptedAlgorithms ssh-rsa',
        'PasswordAuthentication no',
        `AuthorizedKeysFile ${rsa.file}.pub`,
      ]),
    ])
  })
  afterAll(async () => {
    for (const sshd of [old, oldKey]) await sshd.close()
  })
  const login = ({ username, password }: Sshd) => ({ username, password })

  test('without a word of the person the failure says what there is, and what could be done', async () => {
    expect(await outcome(old.port, login(old))).toMatchObject({
      code: 'old-algorithms',
      phase: 'key-exchange',
      retry: false,
      message: expect.stringContaining('only diffie-hellman-group14-sha1; for integrity only hmac-sha1'),
      remedy: expect.stringContaining('allow old algorithms'),
    })
    expect(await outcome(oldKey.port, login(oldKey))).toMatchObject({
      code: 'old-algorithms',
      message: expect.stringContaining('for its host key only ssh-rsa'),
    })
  })

  test('with it the server is reached, and nobody else is thought the less of', async () => {
    expect(await outcome(old.port, { ...login(old), legacyAlgorithms: true })).toBe('connected')
    expect(await outcome(oldKey.port, { ...login(oldKey), legacyAlgorithms: true })).toBe('connected')
    expect(await outcome(old.port, login(old))).toMatchObject({ code: 'old-algorithms' })
  })

  test('a key of a client signs with SHA-1 only where it may, for a server that does not say what it takes', async () => {
    const hashes: unknown[] = []
    const server = await startHostile({
      connect: ({ connection }) => neverTellsAlgorithms(connection),
      login: (context) => {
        if (context.method !== 'publickey') return context.reject(['publickey'])
        // The types leave it out; undefined stands for SHA-1.
        hashes.push((context as { hashAlgo?: string }).hashAlgo)
        return context.accept()
      },
    })
    open.push(server)
    expect(await outcome(server.port, { privateKey: rsa.private })).toBe('connected')
    expect(hashes.splice(0)).toEqual(['sha512', 'sha512'])
    expect(await outcome(server.port, { privateKey: rsa.private, legacyAlgorithms: true })).toBe('connected')
    expect(hashes).toEqual([undefined, undefined])
  })

  test('each hop is judged by its own word', async () => {
    const hop = { host: old.host, port: old.port, ...login(old) }
    const beyond = { ...login(oldKey), legacyAlgorithms: true }
    expect(await outcome(oldKey.port, { ...beyond, jump: [hop] })).toMatchObject({ code: 'old-algorithms' })
    expect(await outcome(oldKey.port, { ...beyond, jump: [{ ...hop, legacyAlgorithms: true }] })).toBe('connected')
  })
})

describe('A-ALG-03 Terrapin', () => {
  const ignore = messageOf(message.ignore, 'x')

  test('with strict key exchange nothing may come between: before its first message, or after', async () => {
    for (const port of [await saying(ignore, kexInit(good)), await saying(kexInit(good), ignore)])
      expect(await outcome(port)).toMatchObject({ code: 'key-exchange-failed', phase: 'key-exchange' })
  })

  test("somebody on the way who puts a message before OpenSSH's new keys ends the connection", async () => {
    const sshd = await startSshd()
    open.push(sshd)
    let slipped = 0
    const port = await listen((near) => {
      const far = connect(sshd.port, sshd.host)
      near.pipe(far)
      far.on('error', () => undefined)
      far.on('close', () => near.destroy())
      far.on('data', (chunk: Buffer) => {
        const text = chunk.toString('latin1')
        near.write(chunk)
        // Behind the KEXINIT, whose lists end a chunk of their own or share that of the identification.
        if (text.includes('kex-strict-s-v00@openssh.com') && slipped++ === 0) near.write(packet(ignore))
      })
    })
    expect(await outcome(port, { username: sshd.username, password: sshd.password })).toMatchObject({
      code: 'key-exchange-failed',
    })
    expect(slipped).toBe(1)
  })

  test('without it chacha20-poly1305 is not taken', async () => {
    const weak = { ...good, kex: ['curve25519-sha256'], cipher: ['chacha20-poly1305@openssh.com'] }
    expect(await outcome(await saying(kexInit(weak)))).toMatchObject({
      code: 'key-exchange-failed',
      message: expect.stringContaining('strict key exchange'),
    })
  })
})

describe('T-SRV-01 a group that a server makes up', () => {
  const gex = kexInit({ ...good, kex: ['diffie-hellman-group-exchange-sha256', 'kex-strict-s-v00@openssh.com'] })
  const mpint = (bytes: Buffer) => (bytes[0] && bytes[0] & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
  const group = (prime: Buffer) => messageOf(31, mpint(prime), Buffer.from([2]))

  test.each([
    [8192, getDiffieHellman('modp18').getPrime()],
    [6144, getDiffieHellman('modp17').getPrime()],
    [1024, getDiffieHellman('modp2').getPrime()],
    [4097, Buffer.concat([Buffer.from([1]), Buffer.alloc(512, 0xff)])],
    [1, Buffer.from([1])],
    [0, Buffer.alloc(0)],
  ])('of %d bits is refused before anything is computed with it', async (bits, prime) => {
    expect(await outcome(await saying(gex, group(prime)))).toMatchObject({
      code: 'key-exchange-failed',
      message: `The server wants a group of ${bits} bits`,
    })
  })

  test('OpenSSH is asked for one within the bounds, and its group is used', async () => {
    const sshd = await startSshd(['KexAlgorithms diffie-hellman-group-exchange-sha256', 'LogLevel DEBUG3'])
    open.push(sshd)
    expect(await outcome(sshd.port, { username: sshd.username, password: sshd.password })).toBe('connected')
    expect(sshd.log()).toMatch(/SSH2_MSG_KEX_DH_GEX_REQUEST received/)
  })
})
