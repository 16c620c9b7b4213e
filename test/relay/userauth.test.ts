import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { checkLoginRequest, type SignPrompt } from '../../pwa/model/signer.ts'
import type { Answer, OfferedKey, Prompt } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { message, startHostile, type Wire } from '../harness/hostileServer.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type RemoteKey, remoteKey, strings } from '../harness/remoteKey.ts'
import { account, type Sshd, startSshd } from '../harness/sshd.ts'
import { makeSshKey, type SshKey } from '../harness/sshKey.ts'

let dir: string
let relay: TestRelay
/** One that takes everything. */
let plain: Sshd
const keys: Record<string, SshKey> = {}
const running: Sshd[] = []
const open: Client[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-userauth-'))
  relay = await startTestRelay()
  const made = await Promise.all([
    makeSshKey(join(dir, 'ed25519'), 'ed25519'),
    makeSshKey(join(dir, 'p256'), 'ecdsa', 256),
    makeSshKey(join(dir, 'p384'), 'ecdsa', 384),
    makeSshKey(join(dir, 'p521'), 'ecdsa', 521),
    makeSshKey(join(dir, 'rsa'), 'rsa', 2048),
    makeSshKey(join(dir, 'ca'), 'ed25519'),
    makeSshKey(join(dir, 'certified'), 'ed25519'),
    makeSshKey(join(dir, 'certifiedRsa'), 'rsa', 2048),
    makeSshKey(join(dir, 'stranger'), 'ed25519'),
  ])
  for (const key of made) keys[key.file.slice(dir.length + 1)] = key
  await promisify(execFile)('ssh-keygen', [
    ...['-q', '-s', of('ca').file, '-I', 'test', '-n', account.username],
    ...[`${of('certified').file}.pub`, `${of('certifiedRsa').file}.pub`],
  ])
  const accepted = ['ed25519', 'p256', 'p384', 'p521', 'rsa'].map((name) => of(name).public)
  await writeFile(join(dir, 'authorized_keys'), `${accepted.join('\n')}\n`, { mode: 0o644 })
  await chmod(dir, 0o755)
  // The smallest groups that are taken, since Node tests each for a while.
  const moduli = (await readFile('/etc/ssh/moduli', 'utf8')).split('\n').filter((line) => line.split(' ')[4] === '2047')
  await writeFile(join(dir, 'moduli'), `${moduli.join('\n')}\n`)
  plain = await startServer()
})
afterEach(async () => {
  for (const client of open.splice(0)) client.close()
  for (const sshd of running.splice(0)) await sshd.close()
})
afterAll(async () => {
  await plain.close()
  await relay.close()
  await rm(dir, { recursive: true })
})

function of(name: string): SshKey {
  const key = keys[name]
  if (!key) throw new Error(`no key ${name}`)
  return key
}

const certificate = (name: string) => readFile(`${of(name).file}-cert.pub`, 'utf8')

function startServer(lines: string[] = []): Promise<Sshd> {
  return startSshd([
    ...lines,
    'LogLevel DEBUG1',
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    `TrustedUserCAKeys ${of('ca').file}.pub`,
    ...['p256', 'p384', 'p521', 'rsa'].map((name) => `HostKey ${of(name).file}`),
  ])
}

async function startOther(lines: string[]): Promise<Sshd> {
  const sshd = await startServer(lines)
  running.push(sshd)
  return sshd
}

let count = 0

interface Told {
  sessionId: string
  client: Client
  prompts: Prompt[]
  /** Settles as `ssh-connect` does. */
  connected: Promise<unknown>
}

/** Connects as a page does: accepts host keys, checks what is to be signed against them, and signs. */
async function login(
  sshd: Pick<Sshd, 'host' | 'port' | 'username'>,
  signers: RemoteKey[],
  more: object = {},
  answer: (prompt: Prompt) => Answer | 'later' | undefined = () => undefined,
): Promise<Told> {
  const client = await Client.open(relay.url)
  open.push(client)
  const sessionId = `signed-${++count}`
  const prompts: Prompt[] = []
  const hostKeys = new Map<string, Uint8Array>()
  const reply = (promptId: string, prompt: Prompt) => {
    const given = answer(prompt)
    if (given) return given === 'later' ? undefined : given
    if (prompt.kind === 'host-key') {
      hostKeys.set(`${prompt.host}:${prompt.port}`, Buffer.from(prompt.key, 'base64'))
      return { kind: 'host-key', accept: true } as const
    }
    if (prompt.kind !== 'sign') return { kind: 'cancel' } as const
    signed(prompt, signers, hostKeys).then(
      (signature) =>
        client.send('ssh-answer', {
          sessionId,
          promptId,
          answer: { kind: 'sign', signature: signature.toString('base64') },
        }),
      () => client.send('ssh-answer', { sessionId, promptId, answer: { kind: 'cancel' } }),
    )
    return undefined
  }
  client.socket.on('ssh-prompt', ({ promptId, prompt }: { promptId: string; prompt: Prompt }) => {
    prompts.push(prompt)
    const given = reply(promptId, prompt)
    if (given) client.send('ssh-answer', { sessionId, promptId, answer: given })
  })
  const connected = client.ask('ssh-connect', {
    sessionId,
    host: sshd.host,
    port: sshd.port,
    username: sshd.username,
    interactive: true,
    binary: true,
    identities: signers.map(({ offer }) => offer),
    ...more,
  })
  connected.catch(() => undefined)
  return { sessionId, client, prompts, connected }
}

async function signed(prompt: SignPrompt, signers: RemoteKey[], hostKeys: Map<string, Uint8Array>): Promise<Buffer> {
  const signer = signers.find(({ offer }) => (offer.certificate ?? offer.publicKey) === prompt.publicKey)
  const hostKey = hostKeys.get(`${prompt.host}:${prompt.port}`)
  if (!signer || !hostKey) throw new Error('nothing to sign with')
  const checked = await checkLoginRequest(prompt, {
    username: prompt.username,
    hostKeys: [hostKey],
    key: signer.offer,
    legacy: false,
  })
  return signer.sign(checked.algorithm, checked.data)
}

describe('every key exchange, host key and key type against OpenSSH', () => {
  test.each([
    ['curve25519-sha256', 'ssh-ed25519', 'ed25519', 'ssh-ed25519'],
    ['ecdh-sha2-nistp256', 'ecdsa-sha2-nistp256', 'p256', 'ecdsa-sha2-nistp256'],
    ['ecdh-sha2-nistp384', 'ecdsa-sha2-nistp384', 'p384', 'ecdsa-sha2-nistp384'],
    ['ecdh-sha2-nistp521', 'ecdsa-sha2-nistp521', 'p521', 'ecdsa-sha2-nistp521'],
    ['diffie-hellman-group14-sha256', 'rsa-sha2-256', 'rsa', 'rsa-sha2-512'],
    ['diffie-hellman-group16-sha512', 'rsa-sha2-512', 'rsa', 'rsa-sha2-256'],
    ['diffie-hellman-group-exchange-sha256', 'rsa-sha2-512', 'ed25519', 'ssh-ed25519'],
  ])('%s with %s: a login by %s, %s', async (kex, hostKeyAlgorithm, name, algorithm) => {
    const sshd = await startOther([
      `KexAlgorithms ${kex}`,
      `ModuliFile ${join(dir, 'moduli')}`,
      `HostKeyAlgorithms ${hostKeyAlgorithm}`,
      `PubkeyAcceptedAlgorithms ${algorithm}`,
    ])
    const { prompts, connected } = await login(sshd, [remoteKey(of(name))])
    await connected
    expect(prompts.map(({ kind }) => kind)).toEqual(['host-key', 'sign'])
    expect(prompts[1]).toMatchObject({ algorithm, hop: 0, username: account.username })
    expect(sshd.log()).toContain('method publickey-hostbound-v00@openssh.com')
    expect(sshd.log()).toMatch(/Accepted publickey for/)
  })
})

test('certificates are offered as such, of RSA keys with SHA-2', async () => {
  const before = plain.log().length
  for (const name of ['certified', 'certifiedRsa']) {
    const { connected } = await login(plain, [remoteKey(of(name), await certificate(name))])
    await connected
  }
  expect(
    plain
      .log()
      .slice(before)
      .match(/Accepted publickey.*-CERT .* ID test/g),
  ).toHaveLength(2)
})

test('a key that the server does not take is not signed for, and the next is tried', async () => {
  const { prompts, connected } = await login(plain, [remoteKey(of('stranger')), remoteKey(of('p256'))])
  await connected
  expect(prompts.filter(({ kind }) => kind === 'sign')).toMatchObject([
    { publicKey: of('p256').blob.toString('base64') },
  ])
})

test('a key may be chosen when the relay asks for a login', async () => {
  const key = remoteKey(of('ed25519'))
  const { prompts, connected } = await login(
    plain,
    [key],
    { identities: [remoteKey(of('stranger')).offer] },
    (prompt) => (prompt.kind === 'login' ? { kind: 'login', identity: key.offer } : undefined),
  )
  await connected
  expect(prompts.map(({ kind }) => kind)).toEqual(['host-key', 'login', 'sign'])
  expect(prompts[1]).toMatchObject({ refused: 0, problem: 'The server did not take the key of this browser.' })
})

test('a key that is only a part of the login is followed by what else the server wants', async () => {
  const sshd = await startOther(['AuthenticationMethods publickey,password'])
  const { prompts, connected } = await login(sshd, [remoteKey(of('ed25519'))], {}, (prompt) =>
    prompt.kind === 'login' ? { kind: 'login', password: account.password } : undefined,
  )
  await connected
  expect(prompts.map(({ kind }) => kind)).toEqual(['host-key', 'sign', 'login'])
  expect(prompts[2]).toMatchObject({ methods: ['password'], refused: 0 })
})

test('each hop of a chain has its own signature, over its own key exchange', async () => {
  const first = await startOther([])
  const last = plain
  const key = remoteKey(of('ed25519'))
  const { prompts, connected, client, sessionId } = await login(last, [key], {
    jump: [{ host: first.host, port: first.port, username: first.username, identities: [key.offer] }],
  })
  await connected
  const asked = prompts.filter((prompt) => prompt.kind === 'sign')
  expect(asked.map(({ hop, port }) => [hop, port])).toEqual([
    [0, first.port],
    [1, last.port],
  ])
  expect(asked[0]?.data).not.toBe(asked[1]?.data)
  client.send('ssh-data', { sessionId, data: 'echo at-$((6*7))\n' })
  await client.shows(sessionId, 'at-42')
})

describe('what is no signature ends the login', () => {
  const good = () => remoteKey(of('ed25519'))
  test.each<[name: string, signature: (key: RemoteKey) => Buffer]>([
    ['nothing', () => Buffer.alloc(0)],
    ['random bytes', () => Buffer.alloc(83, 7)],
    ['another algorithm', () => strings('ssh-rsa', Buffer.alloc(64))],
    ['more than a signature', (key) => Buffer.concat([key.sign('ssh-ed25519', Buffer.from('x')), Buffer.alloc(1)])],
  ])('%s', async (_name, signature) => {
    const before = plain.log().length
    const key = good()
    const { connected } = await login(plain, [key], {}, (prompt) =>
      prompt.kind === 'sign' ? { kind: 'sign', signature: signature(key).toString('base64') } : undefined,
    )
    await expect(connected).rejects.toThrow('bad-request')
    expect(plain.log().slice(before)).not.toMatch(/Accepted publickey/)
  })

  test('a signature over something else, which the server refuses', async () => {
    const key = good()
    const { connected, prompts } = await login(plain, [key], {}, (prompt) =>
      prompt.kind === 'sign'
        ? { kind: 'sign', signature: key.sign('ssh-ed25519', Buffer.from('other')).toString('base64') }
        : undefined,
    )
    await expect(connected).rejects.toThrow('login-refused')
    expect(prompts.at(-1)).toMatchObject({ kind: 'login', refused: 0 })
  })

  test('a refusal of the browser', async () => {
    const before = plain.log().length
    const { connected } = await login(plain, [good()], {}, (prompt) =>
      prompt.kind === 'sign' ? { kind: 'cancel' } : undefined,
    )
    await expect(connected).rejects.toThrow('The browser did not sign')
    expect(plain.log().slice(before)).not.toMatch(/Accepted publickey/)
  })
})

describe('a server that does not keep to the order of a login is cut off', () => {
  const failure = (wire: Wire) => wire.send(message.authFailure, 'publickey', false)
  const ok = (wire: Wire, blob: Buffer) => wire.send(message.infoRequest, 'ssh-ed25519', blob)
  test.each<[name: string, script: (wire: Wire, context: { accept(): void }) => void]>([
    ['it answers for another key', (wire) => ok(wire, of('stranger').blob)],
    ['it answers with another algorithm', (wire) => wire.send(message.infoRequest, 'ssh-rsa', of('ed25519').blob)],
    [
      'it refuses while the browser signs',
      (wire, context) => {
        context.accept()
        failure(wire)
      },
    ],
    [
      'it takes the key twice',
      (wire, context) => {
        context.accept()
        ok(wire, of('ed25519').blob)
        failure(wire)
      },
    ],
  ])('%s', async (_name, script) => {
    const server = await startHostile({ login: (context, wire) => script(wire, context) })
    try {
      const target = { host: '127.0.0.1' as const, port: server.port, username: 'ada' }
      const { connected, prompts } = await login(target, [remoteKey(of('ed25519'))], {}, ({ kind }) =>
        kind === 'sign' ? 'later' : undefined,
      )
      await expect(connected).rejects.toThrow('server-broke-protocol')
      expect(prompts.filter(({ kind }) => kind === 'login')).toEqual([])
    } finally {
      await server.close()
    }
  })
})

test('offers that are none are refused at the edge', async () => {
  const client = await Client.open(relay.url)
  open.push(client)
  const { offer } = remoteKey(of('ed25519'))
  const wrong: unknown[] = [
    'key',
    [null],
    [{}],
    [{ ...offer, algorithms: [] }],
    [{ ...offer, algorithms: ['a b'] }],
    [{ ...offer, algorithms: Array.from({ length: 5 }, () => 'ssh-ed25519') }],
    [{ ...offer, publicKey: 'no base64!' }],
    [{ ...offer, publicKey: 'A'.repeat(20_000) }],
    [{ ...offer, certificate: 'A'.repeat(60_000) }],
    [{ ...offer, privateKey: 'never' }],
    Array.from({ length: 9 }, (): OfferedKey => offer),
  ]
  for (const identities of wrong) {
    const connect = { sessionId: `junk-${++count}`, host: '127.0.0.1', port: 1, username: 'x', identities }
    await expect(client.ask('ssh-connect', connect), JSON.stringify(identities).slice(0, 80)).rejects.toThrow(
      'bad-request',
    )
  }
})
