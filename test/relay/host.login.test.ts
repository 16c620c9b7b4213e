import { once } from 'node:events'
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parseAuthorizedKeys } from '../../relay/host/authorizedKeys.ts'
import { startHost } from '../../relay/host/host.ts'
import { loadHostKey } from '../../relay/host/hostKey.ts'
import { type TestHost, testHost } from '../harness/builtInHost.ts'
import type { Openssh } from '../harness/openssh.ts'
import { makeSshKey, type SshKey } from '../harness/sshKey.ts'

let host: TestHost

beforeAll(async () => {
  host = await testHost()
})

afterAll(() => host.close())

/** A new key as OpenSSH has it: file of the private half, line and blob of the public one. */
function newKey(name: string, type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519', bits = 256): Promise<SshKey> {
  return makeSshKey(join(host.dir, name), type, type === 'ed25519' ? undefined : bits)
}

/** What a login comes to: let in, or why not. */
async function login(clients: Openssh): Promise<string> {
  const { code, stdout, stderr } = await clients.run('ssh', [clients.target, 'echo in'])
  if (code === 0 && stdout.toString() === 'in\n') return 'in'
  return /Permission denied/.exec(stderr)?.[0] ?? stderr
}
const refused = 'Permission denied'

describe('logins, by OpenSSH', () => {
  test('by a key in authorized_keys, and by one added while the host runs', async () => {
    expect(await login(await host.openssh())).toBe('in')
    const key = await newKey('added')
    const clients = await host.openssh({ identity: key.file })
    expect(await login(clients)).toBe(refused)
    await appendFile(join(host.stateDir, 'authorized_keys'), `${key.public}\n`)
    expect(await login(clients)).toBe('in')
  })

  test.each([
    ['ecdsa', 256],
    ['ecdsa', 384],
    ['rsa', 2048],
  ] as const)('by an %s key of %d bits', async (type, bits) => {
    const key = await newKey(`${type}-${bits}`, type, bits)
    await appendFile(join(host.stateDir, 'authorized_keys'), `${key.public}\n`)
    expect(await login(await host.openssh({ identity: key.file }))).toBe('in')
  })

  test('A-ALG-01 not by an RSA key that is too short, nor with a SHA-1 signature', async () => {
    const short = await newKey('short', 'rsa', 1024)
    const long = await newKey('sha1', 'rsa', 2048)
    await appendFile(join(host.stateDir, 'authorized_keys'), `${short.public}\n${long.public}\n`)
    expect(await login(await host.openssh({ identity: short.file, config: ['RequiredRSASize 1024'] }))).toBe(refused)
    const sha1 = { identity: long.file, config: ['PubkeyAcceptedAlgorithms ssh-rsa'] }
    expect(await login(await host.openssh(sha1))).toBe(refused)
  })

  test('by a key that the relay trusts, without any authorized_keys', async () => {
    const key = await newKey('trusted')
    const own = await testHost({ trustedKeys: [key.blob] })
    await rm(join(own.stateDir, 'authorized_keys'))
    expect(await login(await own.openssh({ identity: key.file }))).toBe('in')
    expect(await login(await own.openssh())).toBe(refused)
    await own.close()
  })

  test('by password; not by a wrong one, nor where passwords are off', async () => {
    const right = await host.openssh({ identity: '', password: host.password })
    expect(await login(right)).toBe('in')
    const wrong = await host.openssh({ identity: '', password: 'wrong' })
    expect(await login(wrong)).toBe(refused)
    const own = await startHost({ stateDir: host.stateDir, account: { home: host.home } })
    expect(await login(await host.openssh({ identity: '', password: host.password, port: own.port }))).toBe(refused)
    await own.close()
  })

  test('not as another user, by key or by the right password', async () => {
    const username = userInfo().username === 'nobody' ? 'root' : 'nobody'
    expect(await login(await host.openssh({ username }))).toBe(refused)
    expect(await login(await host.openssh({ username, identity: '', password: host.password }))).toBe(refused)
  })

  test('not by a key whose options restrict it, nor while others may write the file', async () => {
    const own = await testHost()
    const file = join(own.stateDir, 'authorized_keys')
    const line = await readFile(file, 'utf8')
    const clients = await own.openssh()
    await writeFile(file, line.replace('ssh-ed25519', 'command="echo \\"forced\\", no" ssh-ed25519'))
    expect(await login(clients)).toBe(refused)
    await writeFile(file, line.replace('ssh-ed25519', 'pty,agent-forwarding ssh-ed25519'))
    expect(await login(clients)).toBe('in')
    await chmod(file, 0o666)
    expect(await login(await own.openssh({ identity: '', password: own.password }))).toBe('in')
    expect(await login(clients)).toBe(refused)
    expect(own.events).toContainEqual(expect.objectContaining({ message: 'authorized_keys can be written by others' }))
    await own.close()
  })

  test('A-ALG-01 weak algorithms are refused', async () => {
    for (const config of [
      'KexAlgorithms diffie-hellman-group14-sha1',
      'Ciphers aes128-cbc',
      'HostKeyAlgorithms ssh-rsa',
    ]) {
      expect(await login(await host.openssh({ config: [config] }))).not.toBe('in')
    }
    const offer = await keyExchangeOffer()
    expect(offer).toContain('curve25519-sha256')
    expect(offer).not.toMatch(/sha1(?!\d)|-cbc|arcfour|md5|zlib|ssh-dss|ssh-rsa|group1-/)
  })
})

test('a key may be listed as OpenSSH writes it; everything else in the file is passed over', () => {
  const blob = (name: string) =>
    Buffer.concat([Buffer.from([0, 0, 0, name.length]), Buffer.from(name), Buffer.from('key')])
  const of = (name: string) => `${name} ${blob(name).toString('base64')}`
  const lines = [
    '# ssh-ed25519 comment',
    of('ssh-ed25519'),
    `   ${of('ssh-rsa')} comment with spaces\r`,
    `pty ${of('ecdsa-sha2-nistp256')}`,
    `from="a b, c" ${of('ssh-ed25519')}`,
    `restrict,pty ${of('ssh-ed25519')}`,
    `cert-authority ${of('ssh-ed25519')}`,
    `some-future-option ${of('ssh-ed25519')}`,
    `ssh-ed25519 ${blob('ssh-rsa').toString('base64')}`,
    'ssh-ed25519',
    '"',
  ]
  expect(parseAuthorizedKeys(lines.join('\n'))).toEqual([
    blob('ssh-ed25519'),
    blob('ssh-rsa'),
    blob('ecdsa-sha2-nistp256'),
  ])
})

describe('the host key', () => {
  test('is made once, private, and kept, also by hosts that start at once', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hostkey-'))
    const state = join(dir, 'state')
    const keys = await Promise.all([1, 2, 3, 4].map(() => loadHostKey(state)))
    const again = await loadHostKey(state)
    expect(new Set([...keys, again].map((key) => key.publicBlob.toString('hex'))).size).toBe(1)
    expect((await stat(join(state, 'host_ed25519_key'))).mode & 0o777).toBe(0o600)
    expect((await stat(state)).mode & 0o777).toBe(0o700)
    await chmod(join(state, 'host_ed25519_key'), 0o644)
    await expect(loadHostKey(state)).rejects.toThrow('can be read by others')
    await rm(dir, { recursive: true })
  })

  test('a file that is no key stops the start', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hostkey-'))
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'host_ed25519_key'), 'rubbish', { mode: 0o600 })
    await expect(loadHostKey(dir)).rejects.toThrow('not an unencrypted Ed25519 private key')
    await rm(dir, { recursive: true })
  })
})

describe('limits', () => {
  test('R-LIM-01 a connection ends after too many failed logins', async () => {
    let tries = 0
    const own = await testHost({ limits: { authenticationAttempts: 3 }, verifyPassword: async () => ++tries > 99 })
    const client = new ssh2.Client()
    client.on('error', () => undefined)
    const guesses = Array.from({ length: 10 }, (_, i) => ({
      type: 'password' as const,
      username: own.username,
      password: `${i}`,
    }))
    client.connect({
      host: own.host,
      port: own.port,
      username: own.username,
      authHandler: (_left, _partial, next) => next(guesses.shift() ?? 'none'),
    })
    await once(client, 'close')
    expect(tries).toBe(3)
    expect(own.events.filter(({ event }) => event === 'host-login-refused')).toHaveLength(3)
    await own.close()
  })

  test('R-LIM-01 whoever does not log in is let go, and does not keep others out', async () => {
    const own = await testHost({ limits: { loginGraceMs: 2_000, pendingLogins: 2 } })
    const idle = [1, 2, 3].map(() => connect(own.port, own.host))
    await Promise.all(idle.map((socket) => once(socket.on('error', () => undefined).resume(), 'close')))
    expect(own.events.filter(({ event }) => event === 'host-connection-refused')).toHaveLength(1)
    expect(await login(await own.openssh())).toBe('in')
    await own.close()
  })

  test('R-LIM-01 channels of a connection are counted, and counted down', async () => {
    const own = await testHost({ limits: { channelsPerConnection: 2 } })
    const client = await own.client()
    const open = () =>
      new Promise<import('ssh2').ClientChannel>((resolve, reject) =>
        client.exec('sleep 600', (error, stream) => (error ? reject(error) : resolve(stream))),
      )
    const [first] = [await open(), await open()]
    await expect(open()).rejects.toThrow('Channel open failure')
    first.resume().close()
    await once(first, 'close')
    await open()
    await own.close()
  })
})

describe('junk', () => {
  test('of every length ends its connection only', async () => {
    for (const junk of [
      Buffer.alloc(0),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from('SSH-1.5-old\r\n'),
      Buffer.from('SSH-2.0-x\r\n\xff\xff\xff\xff\xff\xff\xff\xff', 'latin1'),
      Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(70_000, 0x80)]),
      Buffer.alloc(300_000, 'x'),
    ]) {
      const socket = connect(host.port, host.host)
        .on('error', () => undefined)
        .resume()
      socket.end(junk)
      await once(socket, 'close')
    }
    expect(await login(await host.openssh())).toBe('in')
  })

  test('in place of requests is refused, and the session still works', async () => {
    const client = await host.client()
    await expect(
      new Promise((resolve, reject) =>
        client.subsys('rubbish', (error, stream) => (error ? reject(error) : resolve(stream))),
      ),
    ).rejects.toThrow()
    await expect(
      new Promise((resolve, reject) =>
        client.forwardIn('127.0.0.1', 0, (error, port) => (error ? reject(error) : resolve(port))),
      ),
    ).rejects.toThrow()
    const text = await new Promise((resolve, reject) =>
      client.exec(
        'stty size; echo $TERM',
        { pty: { term: '../../etc/\u001b[31m', cols: 4_000_000_000, rows: 0 }, env: { '': 'x', LANG: 'a\nb' } },
        (error, stream) => {
          if (error) return reject(error)
          stream.on('data', (bytes: Buffer) => resolve(bytes.toString()))
        },
      ),
    )
    expect(text).toContain('24 ')
    client.end()
  })
})

describe('forwards, by OpenSSH', () => {
  test('-W joins stdin and stdout to a port, to the end of both', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const seen: Buffer[] = []
      socket.on('data', (bytes) => seen.push(bytes))
      socket.on('end', () => socket.end(Buffer.concat(seen)))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as import('node:net').AddressInfo
    const clients = await host.openssh()
    const bytes = Buffer.alloc(2_500_000, 'forwarded ')
    const { code, stdout } = await clients.run('ssh', ['-W', `127.0.0.1:${port}`, clients.target], bytes)
    expect(code).toBe(0)
    expect(stdout.equals(bytes)).toBe(true)
    server.close()
  })

  test('-L listens and joins; a port where no one listens is refused', async () => {
    const server = createServer((socket) => socket.end('hello from afar')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as import('node:net').AddressInfo
    const near = await freePort()
    const clients = await host.openssh()
    clients.start('ssh', ['-N', '-L', `127.0.0.1:${near}:localhost:${port}`, clients.target])
    const text = await vi.waitFor(() => readAll(near), 10_000)
    expect(text).toBe('hello from afar')
    server.close()
    await once(server, 'close')
    const refusal = await clients.run('ssh', ['-W', `127.0.0.1:${port}`, clients.target])
    expect(refusal.code).toBe(255)
  })
})

/** The names in the KEXINIT that the host greets everyone with, before anything is encrypted. */
async function keyExchangeOffer(): Promise<string> {
  const socket = connect(host.port, host.host)
  socket.write('SSH-2.0-test\r\n')
  let seen = ''
  for await (const bytes of socket) {
    seen += bytes.toString('latin1')
    if (seen.includes('none')) break
  }
  return seen
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as import('node:net').AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function readAll(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  for await (const bytes of socket) text += bytes
  return text
}
