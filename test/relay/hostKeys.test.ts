import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { provenKeys } from '../../pwa/model/knownHostsProof.ts'
import { hostKeyOrder } from '../../relay/hostKeys.ts'
import type { Answer, Prompt } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { type HostileServer, message, type Script, startHostile } from '../harness/hostileServer.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'
import { makeSshKey, type SshKey } from '../harness/sshKey.ts'

let dir: string
let relay: TestRelay
let sshd: Sshd
let keys: SshKey[]

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-host-keys-'))
  keys = await Promise.all([makeSshKey(join(dir, 'rsa'), 'rsa', 2048), makeSshKey(join(dir, 'ecdsa'), 'ecdsa', 256)])
  sshd = await startSshd(keys.map(({ file }) => `HostKey ${file}`))
  relay = await startTestRelay({ limits: { connectBurst: 1000 } })
})

afterAll(async () => {
  await relay.close()
  await sshd.close()
  await rm(dir, { recursive: true })
})

const accept: Answer = { kind: 'host-key', accept: true }
let count = 0

/** Connects with these names, and tells what was asked. */
async function connect(
  more: object,
  jump: object[] = [],
): Promise<{ client: Client; sessionId: string; asked: Prompt[] }> {
  const asked: Prompt[] = []
  const client = await Client.open(relay.url)
  client.onPrompt = (prompt) => {
    asked.push(prompt)
    return prompt.kind === 'host-key' ? accept : { kind: 'cancel' }
  }
  const sessionId = `keys-${++count}`
  const { host, port, username, password } = sshd
  const login = { host, port, username, password }
  try {
    await client.ask('ssh-connect', { sessionId, ...login, interactive: true, jump, ...more })
  } catch (error) {
    client.close()
    throw error
  }
  return { client, sessionId, asked }
}

describe('A-HK-04 the types that are asked for', () => {
  test('are those that are allowed, in the order of who asks', () => {
    const allowed = ['ssh-ed25519', 'rsa-sha2-512'] as const
    expect(hostKeyOrder(undefined, allowed)).toEqual(allowed)
    expect(hostKeyOrder(['rsa-sha2-512', 'ssh-dss', 'ssh-ed25519', 'rsa-sha2-512'], allowed)).toEqual([
      'rsa-sha2-512',
      'ssh-ed25519',
    ])
    expect(hostKeyOrder(['ssh-dss'], allowed)).toEqual([])
  })

  test.each([
    [['rsa-sha2-512', 'ssh-ed25519'], 'ssh-rsa'],
    [['ssh-rsa', 'rsa-sha2-256'], 'ssh-rsa'],
    [['ecdsa-sha2-nistp521', 'ecdsa-sha2-nistp256', 'ssh-ed25519'], 'ecdsa-sha2-nistp256'],
  ])('%j: the server shows its %s', async (hostKeyAlgorithms, type) => {
    const { client, asked } = await connect({ hostKeyAlgorithms })
    expect(asked[0]).toMatchObject({ kind: 'host-key', type })
    client.close()
  })

  test('hold for every part of a way', async () => {
    const { host, port, username, password } = sshd
    const hop = { host, port, username, password, hostKeyAlgorithms: ['rsa-sha2-512'] }
    const { client, asked } = await connect({ hostKeyAlgorithms: ['ecdsa-sha2-nistp256'] }, [hop])
    expect(asked.map((one) => one.kind === 'host-key' && one.type)).toEqual(['ssh-rsa', 'ecdsa-sha2-nistp256'])
    client.close()
  })

  test.each([[['ecdsa-sha2-nistp384']], [['ssh-dss', 'made-up']]])(
    '%j, which the server or the relay has not: no key is shown, and the login is not begun',
    async (hostKeyAlgorithms) => {
      await expect(connect({ hostKeyAlgorithms })).rejects.toMatchObject({ failure: { code: 'key-exchange-failed' } })
    },
  )

  test.each([[['a b']], [Array(17).fill('ssh-ed25519')], ['ssh-ed25519'], [[7]]])(
    'junk is refused: %j',
    async (junk) => {
      await expect(connect({ hostKeyAlgorithms: junk })).rejects.toThrow('bad-request')
    },
  )
})

describe('A-HK-08 what a server announces', () => {
  test('is passed on with proofs that hold, for every part of the way', async () => {
    const { host, port, username, password } = sshd
    const { client, sessionId } = await connect({}, [{ host, port, username, password }])
    const blobs = [sshd.hostKey, ...keys.map(({ blob }) => blob.toString('base64'))].sort()
    for (const hop of [0, 1]) {
      const announced = await client.next('ssh-host-keys', (one) => one.hop === hop)
      expect(announced).toMatchObject({ sessionId, host, port })
      expect(announced.keys.map(({ key }) => key).sort()).toEqual(blobs)
      const judged = await provenKeys(announced)
      expect(judged.map(({ type, proven }) => [type, proven])).toEqual(
        expect.arrayContaining([
          ['ssh-rsa', true],
          ['ecdsa-sha2-nistp256', true],
          ['ssh-ed25519', true],
        ]),
      )
      const other = Buffer.alloc(32).toString('base64')
      for (const { proven } of await provenKeys({ ...announced, sshSessionId: other })) expect(proven).toBe(false)
    }
    client.close()
  })

  test('is not told to who cannot be asked', async () => {
    const { client, sessionId } = await connect({ interactive: false })
    client.send('ssh-data', { sessionId, data: 'echo here\n' })
    await client.shows(sessionId, /here/)
    expect(client.heard('ssh-host-keys')).toEqual([])
    client.close()
  })

  /** Connects to a server that announces as the script says; resolves once its shell echoes. */
  async function meet(ready: NonNullable<Script['ready']>) {
    const server = await startHostile({ ready })
    servers.push(server)
    return connect({ host: '127.0.0.1', port: server.port, username: 'x', password: 'y' })
  }
  const servers: HostileServer[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close()
  })
  const announce = (many: Buffer[]) => [message.globalRequest, 'hostkeys-00@openssh.com', false, ...many] as const

  test('of a thousand keys, 16 are passed on, and none without proof as proven', async () => {
    const some = await Promise.all([1, 2].map((at) => makeSshKey(join(dir, `many-${at}`))))
    const many = Array.from({ length: 500 }, (_, at) => {
      const blob = Buffer.from(some[0]?.blob ?? '')
      blob.writeUInt16BE(at, blob.length - 2)
      return blob
    })
    const { client, sessionId } = await meet((wire) => {
      wire.hear('GLOBAL_REQUEST', () => wire.send(82))
      wire.send(...announce(many))
      wire.send(...announce(many))
    })
    const announced = await client.next('ssh-host-keys')
    expect(announced.keys).toHaveLength(16)
    expect(announced.keys.filter(({ proof }) => proof !== undefined)).toEqual([])
    client.send('ssh-data', { sessionId, data: 'alive' })
    await client.shows(sessionId, 'alive')
    expect(client.heard('ssh-host-keys')).toHaveLength(1)
    client.close()
  })

  test.each<[string, (Buffer | string)[]]>([
    ['too few', ['x']],
    ['that are no strings', []],
  ])('proofs %s are none', async (_what, proofs) => {
    const two = await Promise.all([3, 4].map((at) => makeSshKey(join(dir, `two-${at}`))))
    const { client } = await meet((wire) => {
      wire.hear('GLOBAL_REQUEST', () =>
        proofs.length ? wire.send(81, ...proofs) : wire.sendBytes(Buffer.from([81, 0xff, 0xff, 0xff, 0xff, 1])),
      )
      wire.send(...announce(two.map(({ blob }) => blob)))
    })
    const announced = await client.next('ssh-host-keys')
    expect(announced.keys.map(({ proof }) => proof)).toEqual([undefined, undefined])
    client.close()
  })

  test('without end ends the connection', async () => {
    const key = await makeSshKey(join(dir, 'endless'))
    const meeting = meet((wire) => {
      for (let turn = 0; turn < 100; turn++) wire.send(...announce([key.blob]))
    })
    await expect(meeting).rejects.toThrow('server-broke-protocol')
  })
})
