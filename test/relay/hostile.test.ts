import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Answer, Prompt } from '../../shared/protocol.ts'
import { Client, Refused } from '../harness/client.ts'
import { type HostileServer, message, type Script, startHostile, type Wire } from '../harness/hostileServer.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'

let relay: TestRelay
/** Gives every phase little time. */
let hasty: TestRelay
let friendly: HostileServer
let bystander: Client
const open: HostileServer[] = []

beforeAll(async () => {
  const connectBurst = 1000
  relay = await startTestRelay({ limits: { connectBurst } })
  hasty = await startTestRelay({
    limits: { identMs: 400, keyExchangeMs: 2500, loginMs: 1000, connectBurst, pendingConnects: 100 },
  })
  friendly = await startHostile({})
  bystander = await Client.open(relay.url)
  await bystander.ask('ssh-connect', { sessionId: 'bystander', ...login(friendly) })
})
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})
afterAll(async () => {
  bystander.close()
  await relay.close()
  await hasty.close()
  await friendly.close()
})

const login = (server: HostileServer) => ({ host: '127.0.0.1', port: server.port, username: 'x', password: 'y' })
let count = 0

/** Connects to such a server. */
async function meet(script: Script, onPrompt?: (prompt: Prompt) => Answer | undefined, jump: object[] = []) {
  const server = await startHostile(script)
  open.push(server)
  const client = await Client.open(relay.url)
  client.onPrompt = onPrompt
  const sessionId = `hostile-${++count}`
  const connecting = client
    .ask('ssh-connect', { sessionId, ...login(server), jump, binary: true, ...(onPrompt && { interactive: true }) })
    .then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof Refused) return error.failure
        throw error
      },
    )
  return { server, client, sessionId, connecting }
}

/** What must hold whatever the server did: nothing of it is left, no bug showed, and the neighbour works. */
async function unharmed(
  { server, client, sessionId }: Pick<Awaited<ReturnType<typeof meet>>, 'server' | 'client' | 'sessionId'>,
  { expect: expects } = { expect },
) {
  await expects.poll(() => server.held(), { timeout: 10_000 }).toBe(0)
  await expects(client.ask('ssh-resize', { sessionId, cols: 80, rows: 24 })).rejects.toThrow('no-session')
  client.close()
  expects([...relay.events, ...hasty.events].filter(({ event }) => event === 'bug')).toEqual([])
  const word = `still here ${++count}`
  bystander.send('ssh-data', { sessionId: 'bystander', data: word })
  await bystander.shows('bystander', word)
}

/** Sends some, and more in the next turn of the loop, until nobody listens any more. */
function pour({ socket }: Wire, times: number, send: (turn: number) => void): void {
  for (let turn = 0; turn < 100 && turn < times; turn++) send(turn)
  if (times > 100 && !socket.destroyed) setImmediate(() => pour({ socket } as Wire, times - 100, send))
}

const accept: Answer = { kind: 'host-key', accept: true }
const ident = 'SSH-2.0-hostile\r\n'

/** Writes a byte now and then, for as long as anybody listens. */
function dribble(
  byte: string,
): (socket: { write(text: string): unknown; on(event: 'close', done: () => void): unknown }) => void {
  return (socket) => {
    const timer = setInterval(() => socket.write(byte), 50)
    socket.on('close', () => clearInterval(timer))
  }
}

describe.concurrent('T-SRV-01 a server that falls silent is given up, with the phase', () => {
  test.for<[name: string, script: Script, code: string, phase: string]>([
    ['at once', { raw: () => undefined }, 'no-ssh-server', 'connection'],
    ['but for a byte now and then', { raw: dribble('S') }, 'no-ssh-server', 'connection'],
    ['after its first line', { raw: (socket) => socket.write(ident) }, 'key-exchange-failed', 'key-exchange'],
    [
      'after its first line, but for a byte now and then',
      {
        raw: (socket) => {
          socket.write(ident)
          dribble('\0')(socket)
        },
      },
      'key-exchange-failed',
      'key-exchange',
    ],
    ['in the key exchange', { connect: (wire) => wire.mute(2) }, 'key-exchange-failed', 'key-exchange'],
    ['after the key exchange', { connect: (wire) => wire.refuseService() }, 'login-timeout', 'login'],
    ['in the login', { login: () => undefined }, 'login-timeout', 'login'],
    ['when a channel is opened', { channel: () => false }, 'shell-refused', 'shell'],
    ['when a shell is asked for', { shell: () => undefined }, 'shell-refused', 'shell'],
    ['for good after the login', { ready: (wire) => wire.mute() }, 'shell-refused', 'shell'],
  ])('%s', async ([, script, code, phase], { expect }) => {
    const server = await startHostile(script)
    const client = await Client.open(hasty.url)
    const sessionId = `silent-${++count}`
    const failure = await client.ask('ssh-connect', { sessionId, ...login(server) }).then(
      () => expect.unreachable(),
      (error: Refused) => error.failure,
    )
    expect(failure).toMatchObject({ code, phase, sessionId })
    await unharmed({ server, client, sessionId }, { expect })
    await server.close()
  })
})

test.for<[name: string, raw: string, code: string]>([
  ['1,024 lines of 8 KB before the first', `${'x'.repeat(8189)}\r\n`, 'no-ssh-server'],
  ['an identification without an end', `SSH-2.0-${'x'.repeat(8192)}`, 'key-exchange-failed'],
])('T-SRV-02 %s', async ([, text, code]) => {
  const met = await meet({
    raw: (socket) => {
      for (let line = 0; line < 1024; line++) socket.write(text)
    },
  })
  expect(await met.connecting).toMatchObject({ code })
  await unharmed(met)
})

test.for<[name: string, banner: string]>([
  ['banners of a kilobyte', 'x'.repeat(1023)],
  ['20,000 empty banners', ''],
])('T-SRV-02 %s: at most 64 KiB are shown', async ([, text]) => {
  const met = await meet({
    login: (_context, wire) => {
      pour(wire, 20_000, () => wire.send(message.banner, text, ''))
    },
  })
  expect(await met.connecting).toMatchObject({ code: 'server-broke-protocol', phase: 'login' })
  const shown = met.client.heard('ssh-banner')
  expect(shown.reduce((sum, one) => sum + one.text.length, 0)).toBeLessThanOrEqual(64 * 1024)
  expect(shown.length).toBeLessThanOrEqual(256)
  await unharmed(met)
})

const prompt = (text: string) => [text, true] as const
const many = (length: number) => Array.from({ length }, (_, turn) => prompt(`${turn}?`)).flat()

test.for<[name: string, login: NonNullable<Script['login']>]>([
  [
    '2,000 messages of no meaning',
    (_context, wire) => {
      for (let turn = 0; turn < 2000; turn++) wire.send(message.ignore, 'x')
    },
  ],
  [
    '2,000 times that it may log in',
    (_context, wire) => {
      for (let turn = 0; turn < 2000; turn++) wire.send(message.serviceAccept, 'ssh-userauth')
    },
  ],
  [
    '1,000 questions at once',
    (context, wire) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
      wire.send(message.infoRequest, 'name', 'instructions', '', 1000, ...many(1000))
    },
  ],
  [
    'one question after the other, without waiting',
    (context, wire) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
      for (let turn = 0; turn < 5; turn++) wire.send(message.infoRequest, '', '', '', 1, ...prompt('one more?'))
    },
  ],
  [
    'questions without an end',
    (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
      const again = () => context.prompt([{ prompt: 'And now?', echo: true }], again)
      again()
    },
  ],
  [
    'nothing, and that without an end',
    (context, wire) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
      for (let turn = 0; turn < 100; turn++) wire.send(message.infoRequest, '', '', '', 0)
    },
  ],
  [
    'a question, and goes on without its answer',
    (context, wire) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
      wire.send(message.infoRequest, '', '', '', 1, ...prompt('ignored?'))
      context.accept()
    },
  ],
  [
    'for a new password, again and again',
    (context) => {
      if (context.method !== 'password') return context.reject(['password'])
      const again = () => context.requestChange('change it', again)
      again()
    },
  ],
  [
    'for three new passwords at once',
    (context, wire) => {
      if (context.method !== 'password') return context.reject(['password'])
      // The meaning of the number depends on the method (RFC 4252 §8).
      for (let turn = 0; turn < 3; turn++) wire.send(message.infoRequest, 'change it', '')
    },
  ],
])('T-SRV-03 a server that says or asks %s', async ([name, script]) => {
  const asked: Prompt[] = []
  const met = await meet({ login: script }, (one) => {
    asked.push(one)
    if (one.kind === 'host-key') return accept
    if (one.kind === 'keyboard-interactive' && !/waiting|without its/.test(name))
      return { kind: one.kind, responses: one.prompts.map(() => 'well') }
    if (one.kind === 'password-change' && !/at once/.test(name)) return { kind: one.kind, newPassword: 'new' }
    return one.kind === 'login' ? { kind: 'cancel' } : undefined
  })
  expect(await met.connecting).toMatchObject({ code: 'server-broke-protocol', phase: 'login' })
  expect(asked.length).toBeLessThanOrEqual(1 + 20)
  await unharmed(met)
})

test('T-SRV-03 refusals that nobody has waited for end the login after three', async () => {
  const met = await meet(
    {
      login: (_context, wire) => {
        for (let turn = 0; turn < 100; turn++) wire.send(message.authFailure, 'password,publickey', false)
      },
    },
    (one) => (one.kind === 'host-key' ? accept : undefined),
  )
  expect(await met.connecting).toMatchObject({ code: 'login-refused', phase: 'login' })
  expect(met.client.heard('ssh-prompt').length).toBeLessThanOrEqual(4)
  await unharmed(met)
})

test('T-SRV-03 a server that wants a new password gets it', async () => {
  const given: unknown[] = []
  const met = await meet(
    {
      login: (context) => {
        if (context.method !== 'password') return context.reject(['password'])
        given.push(context.password)
        context.requestChange('change it', (newPassword) => {
          given.push(newPassword)
          context.accept()
        })
      },
    },
    (one) => (one.kind === 'host-key' ? accept : { kind: 'password-change', newPassword: 'new' }),
  )
  expect(await met.connecting).toBeUndefined()
  expect(given).toEqual(['y', 'new'])
  await met.client.ask('ssh-disconnect', { sessionId: met.sessionId })
  await unharmed(met)
})

test('T-SRV-03 what a question says is passed on as text, and cut', async () => {
  const nasty = '\u001b]0;title\u0007<img src=x onerror=alert(1)>'
  let asked: Prompt | undefined
  const met = await meet(
    {
      login: (context) => {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
        context.prompt([{ prompt: nasty.padEnd(10_000, 'x'), echo: true }], nasty, nasty, () => context.reject())
      },
    },
    (one) => {
      if (one.kind === 'host-key') return accept
      asked = one
      return { kind: 'cancel' }
    },
  )
  await met.connecting
  expect(asked).toMatchObject({
    kind: 'keyboard-interactive',
    name: nasty,
    instructions: nasty,
    prompts: [{ text: nasty.padEnd(4096, 'x'), echo: true }],
  })
  await unharmed(met)
})

test.for<[name: string, break_: NonNullable<Script['shell']>]>([
  [
    'opens a window beyond all bounds',
    (start, wire) => {
      start()
      for (let turn = 0; turn < 3; turn++) wire.send(message.windowAdjust, 0, 0xffff_ffff)
    },
  ],
  [
    'exchanges keys without end',
    (start, wire) => {
      start()
      const again = () => wire.rekey(again)
      again()
    },
  ],
])('T-SRV-05 a server that %s is cut off', async ([, shell]) => {
  const met = await meet({ shell })
  await met.connecting
  expect(await met.client.next('ssh-error')).toMatchObject({ code: 'server-broke-protocol' })
  await unharmed(met)
})

test('T-SRV-05 channels that a server opens, requests, and ids that nobody has opened: refused, and the shell works', async () => {
  let refusedChannels = 0
  let refusedRequests = 0
  const met = await meet({
    shell: (start, wire) => {
      wire.hear('CHANNEL_OPEN_FAILURE', () => refusedChannels++)
      wire.hear('REQUEST_FAILURE', () => refusedRequests++)
      const channel = start()
      const to = ['127.0.0.1', 22, '127.0.0.1', 1] as const
      wire.send(message.channelOpen, 'forwarded-tcpip', 900, 1000, 1000, ...to)
      wire.send(message.channelOpen, 'x11', 901, 1000, 1000, '127.0.0.1', 1)
      wire.send(message.channelOpen, 'auth-agent@openssh.com', 902, 1000, 1000)
      wire.send(message.channelOpen, 'session', 903, 1000, 1000)
      wire.send(message.channelOpen, 'forwarded-streamlocal@openssh.com', 904, 1000, 1000, '/tmp/x', '')
      for (let turn = 0; turn < 5000; turn++) wire.send(message.globalRequest, 'keepalive@openssh.com', true)
      wire.send(message.globalRequest, 'hostkeys-00@openssh.com', false, 'no key')
      wire.send(message.windowAdjust, 77, 0xffff_ffff)
      wire.send(message.data, 77, 'lost')
      wire.send(message.extendedData, 77, 1, 'lost')
      wire.send(message.channelRequest, 77, 'exit-status', false, 1)
      wire.send(message.close, 77)
      for (let turn = 0; turn < 3; turn++) wire.rekey()
      channel.pipe(channel)
    },
  })
  expect(await met.connecting).toBeUndefined()
  met.client.send('ssh-data', { sessionId: met.sessionId, data: 'alive' })
  await met.client.shows(met.sessionId, 'alive')
  await expect.poll(() => [refusedChannels, refusedRequests], { timeout: 10_000 }).toEqual([5, 5000])
  await met.client.ask('ssh-disconnect', { sessionId: met.sessionId })
  await unharmed(met)
})

test('T-SRV-05 an exit without end: name and text of a signal as long as a packet, output that goes on', async () => {
  const met = await meet({
    shell: (start, wire) => {
      start()
      const long = 'x'.repeat(15_000)
      wire.send(message.channelRequest, 0, 'exit-signal', false, long, false, long, '')
      for (let turn = 0; turn < 2000; turn++) wire.send(message.data, 0, 'more')
      for (let turn = 0; turn < 1000; turn++) wire.send(message.channelRequest, 0, 'exit-status', false, turn)
      wire.send(message.close, 0)
    },
  })
  met.client.acknowledges = true
  expect(await met.client.next('ssh-disconnected')).toMatchObject({ reason: 'exit', signal: 'x'.repeat(32) })
  expect(met.client.output(met.sessionId)).toBe('more'.repeat(2000))
  await unharmed(met)
})

test.for<[name: string, shell: NonNullable<Script['shell']>, code: string]>([
  [
    'says goodbye and stays',
    (start, wire) => {
      start()
      wire.connection.end()
      wire.mute()
    },
    'server-disconnected',
  ],
  [
    'falls silent in a key exchange',
    (start, wire) => {
      start()
      wire.rekey()
      wire.mute()
    },
    'server-disconnected',
  ],
])('T-SRV-01 a server that %s is hung up on', async ([, shell, code]) => {
  const impatient = await startTestRelay({ limits: { keepaliveMs: 200 } })
  const server = await startHostile({ shell })
  const client = await Client.open(impatient.url)
  client.send('ssh-connect', { sessionId: 'left', ...login(server), binary: true })
  expect(await client.next('ssh-error')).toMatchObject({ code })
  await expect.poll(() => server.held(), { timeout: 10_000 }).toBe(0)
  await expect.poll(() => impatient.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
  client.close()
  await impatient.close()
  await server.close()
})

test('T-SRV-01 a server that does not hang up when it is left is hung up on', async () => {
  const met = await meet({
    shell: (start, wire) => {
      start()
      wire.mute()
    },
  })
  await met.connecting
  await met.client.ask('ssh-disconnect', { sessionId: met.sessionId })
  await unharmed(met)
})

test('T-SRV-01 a key that cannot be read leaves no connection to the server', async () => {
  const client = await Client.open(relay.url)
  const before = friendly.held()
  const connect = { sessionId: 'keyless', ...login(friendly), privateKey: 'not a key' }
  await expect(client.ask('ssh-connect', connect)).rejects.toThrow('bad-private-key')
  await expect.poll(() => friendly.held(), { timeout: 10_000 }).toBe(before)
  client.close()
})

test('T-SRV-01 a way through a server that never opens it is given up, or left when the person leaves', async () => {
  const brief = await startTestRelay({ limits: { tcpMs: 300 } })
  const server = await startHostile({ connect: (wire) => wire.hear('CHANNEL_OPEN', () => undefined) })
  const client = await Client.open(brief.url)
  const through = { ...login(friendly), jump: [login(server)] }
  await expect(client.ask('ssh-connect', { sessionId: 'through', ...through })).rejects.toMatchObject({
    failure: { code: 'no-ssh-server', phase: 'connection' },
  })
  await expect.poll(() => server.held(), { timeout: 10_000 }).toBe(0)
  client.close()
  await brief.close()
  await server.close()

  const patient = await startTestRelay({ limits: { tcpMs: 60_000 } })
  let reached = () => {}
  const asked = new Promise<void>((resolve) => {
    reached = resolve
  })
  const deaf = await startHostile({ connect: (wire) => wire.hear('CHANNEL_OPEN', () => reached()) })
  const leaver = await Client.open(patient.url)
  const left = leaver.ask('ssh-connect', { sessionId: 'left', ...login(friendly), jump: [login(deaf)] })
  const outcome = expect(left).rejects.toThrow('no-session')
  await asked
  leaver.send('ssh-disconnect', { sessionId: 'left' })
  await outcome
  await expect.poll(() => deaf.held(), { timeout: 10_000 }).toBe(0)
  expect(patient.events.filter(({ event }) => event === 'bug')).toEqual([])
  leaver.close()
  await patient.close()
  await deaf.close()
})

test.for([['in the shell'], ['in the login']])(
  'T-SRV-01 a server that dies while it is the way to another takes that with it: %s',
  async ([when]) => {
    const dead: (() => void)[] = []
    const way = await startHostile({
      connect: ({ connection, socket }) => {
        dead.push(() => socket.destroy())
        connection.on('tcpip', (accept, _reject, { destPort }) => {
          const channel = accept()
          const far = connect(destPort, '127.0.0.1')
          channel.pipe(far).pipe(channel)
          socket.on('close', () => far.destroy())
        })
      },
    })
    open.push(way)
    const met = await meet(
      { login: (context) => (when === 'in the login' ? dead.at(-1)?.() : context.accept()) },
      undefined,
      [login(way)],
    )
    const failure = await met.connecting
    if (when === 'in the shell') dead.at(-1)?.()
    expect(failure ?? (await met.client.next('ssh-error'))).toMatchObject({ code: 'server-disconnected' })
    await unharmed(met)
    await expect.poll(() => way.held(), { timeout: 10_000 }).toBe(0)
  },
)
