import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { dial, type Lookup } from '../../relay/dial.ts'
import { createPolicy, type Policy, type PolicyFacts, parseRule } from '../../relay/policy.ts'
import { Refusal } from '../../shared/failure.ts'

const OWN_PORT = 8022
const exposed: PolicyFacts = {
  ownAddresses: () => ['127.0.0.1', '::1', '198.20.0.5', '10.0.0.5'],
  ownPorts: () => [OWN_PORT],
  loopbackBound: false,
  passwordSet: () => true,
}
const alone: PolicyFacts = { ...exposed, loopbackBound: true, passwordSet: () => false }
const nothing = { allow: [], deny: [] }

/** A port whose queue is full and whose process is stopped: a SYN gets no answer. */
async function listenWithoutAccepting(): Promise<{ port: number; close(): void }> {
  const script =
    "const s = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => console.log(s.address().port))"
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line.toString())
  child.kill('SIGSTOP')
  const fillers = Array.from({ length: 8 }, () => connect({ host: '127.0.0.1', port }).on('error', () => undefined))
  await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')))
  return {
    port,
    close: () => {
      for (const filler of fillers) filler.destroy()
      child.kill('SIGKILL')
    },
  }
}

/** What the policy says to a target and the one address it resolves to. */
function judge(policy: Policy, host: string, { port = 22, address = host } = {}): string {
  try {
    policy.checkAddress(address, port, policy.checkName(host, port))
    return 'allowed'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

describe('R-SRF-01 the default policy of a relay that others reach', () => {
  const policy = createPolicy(nothing, exposed)

  test.each([
    '127.1',
    '0177.0.0.1',
    '2130706433',
    '0x7f.1',
    '0x7f000001',
    '127.0.0.1',
    '127.255.255.254',
    '::1',
    '::1%lo',
    '::',
    '0.0.0.0',
    '0.1.2.3',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::7f00:1',
    '2002:7f00:1::',
    '2001:0:1::1',
    '169.254.169.254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'fd00:ec2::254',
    '100.100.100.200',
    '224.0.0.1',
    '239.255.255.255',
    'ff02::1',
    '255.255.255.255',
    '240.0.0.1',
    '198.20.0.5',
    '10.0.0.5',
    '::ffff:198.20.0.5',
    'host\nX',
    'host\0X',
    'host:22',
    '[::1]',
    '',
    '.',
    'a..b',
    '-x',
    'a b',
    'user@host',
    'host/path',
    '１２７.0.0.1',
    '127.0.0.1.',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}example`,
    'a'.repeat(256),
  ])('denies %j', (host) => {
    expect(judge(policy, host)).toBe('target-denied')
  })

  test.each(['localhost', 'LOCALHOST', 'localhost.', 'anything.example'])('denies what %j resolves to', (host) => {
    for (const address of [
      '127.0.0.1',
      '::1',
      '169.254.169.254',
      '::ffff:127.0.0.1',
      '10.0.0.5',
      'not an address',
      '',
    ]) {
      expect(judge(policy, host, { address })).toBe('target-denied')
    }
  })

  test.each([
    ['93.184.216.34', '93.184.216.34'],
    ['2606:2800:220:1::1', '2606:2800:220:1::1'],
    ['Example.ORG.', '93.184.216.34'],
    ['bücher.example', '93.184.216.34'],
    ['xn--bcher-kva.example', '64:ff9b::5db8:d822'],
    ['under_score.example', '10.0.0.1'],
    ['nas', '192.168.1.2'],
    ['nas', 'fd12::1'],
    ['tail', '100.64.0.1'],
  ])('allows %j at %j', (host, address) => {
    expect(judge(policy, host, { address })).toBe('allowed')
  })

  test('names have one form', () => {
    expect(policy.checkName('Bücher.EXAMPLE.', 22)).toBe('xn--bcher-kva.example')
  })
})

test('R-SRF-01 a relay for this machine alone reaches this machine, but never itself', () => {
  const policy = createPolicy(nothing, alone)
  expect(judge(policy, '127.0.0.1')).toBe('allowed')
  expect(judge(policy, '::1')).toBe('allowed')
  expect(judge(policy, '10.0.0.5')).toBe('allowed')
  for (const host of ['127.0.0.1', '127.0.0.2', '::1', '::ffff:127.0.0.1', '10.0.0.5', '198.20.0.5']) {
    expect(judge(policy, host, { port: OWN_PORT })).toBe('target-denied')
  }
  expect(judge(createPolicy({ allow: ['127.0.0.0/8'], deny: [] }, alone), '127.0.0.1', { port: OWN_PORT })).toBe(
    'target-denied',
  )
})

test('private ranges want a password', () => {
  let passwordSet = false
  const policy = createPolicy(nothing, { ...alone, passwordSet: () => passwordSet })
  const ranges = [
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    'fd12::1',
    '::ffff:10.1.2.3',
    '64:ff9b::a01:203',
  ]
  expect(ranges.map((host) => judge(policy, host))).toEqual(ranges.map(() => 'target-denied'))
  passwordSet = true
  expect(ranges.map((host) => judge(policy, host))).toEqual(ranges.map(() => 'allowed'))
})

test('the built-in host is reached at its address and port, and only there', () => {
  const builtInHost = { host: '127.0.0.1', port: 4022 }
  const policy = createPolicy({ allow: [], deny: ['*'] }, { ...exposed, builtInHost })
  expect(judge(policy, '127.0.0.1', { port: 4022 })).toBe('allowed')
  expect(judge(policy, '127.0.0.1', { port: 4023 })).toBe('target-denied')
  expect(judge(policy, '127.0.0.2', { port: 4022 })).toBe('target-denied')
  expect(judge(policy, 'rebound.example', { port: 4022, address: '127.0.0.1' })).toBe('target-denied')
})

describe('R-SRF-04 lists', () => {
  const says = (allow: string[], deny: string[], host: string, more: { port?: number; address?: string } = {}) =>
    judge(createPolicy({ allow, deny }, exposed), host, more)

  test('an allow list is all there is, port by port', () => {
    expect(says(['10.0.0.0/8:22'], [], '10.0.0.1')).toBe('allowed')
    expect(says(['10.0.0.0/8:22'], [], '10.0.0.1', { port: 6379 })).toBe('target-denied')
    expect(says(['10.0.0.0/8:22'], [], '93.184.216.34')).toBe('target-denied')
    expect(says(['*:22'], [], 'any.example', { address: '93.184.216.34' })).toBe('allowed')
    expect(says(['*:22'], [], 'any.example', { address: '93.184.216.34', port: 23 })).toBe('target-denied')
    expect(says(['*.example.org'], [], 'a.example.org', { address: '93.184.216.34' })).toBe('allowed')
    expect(says(['*.example.org'], [], 'badexample.org', { address: '93.184.216.34' })).toBe('target-denied')
  })

  test('deny beats allow, by name, by range and by every way to write the address', () => {
    expect(says(['10.0.0.0/8'], ['10.0.0.1'], '10.0.0.1')).toBe('target-denied')
    expect(says(['10.0.0.0/8'], ['10.0.0.1'], '::ffff:10.0.0.1')).toBe('target-denied')
    expect(says(['10.0.0.0/8'], ['10.0.0.1'], '64:ff9b::a00:1')).toBe('target-denied')
    expect(says(['10.0.0.0/8'], ['64:ff9b::/96'], '64:ff9b::a00:1')).toBe('target-denied')
    expect(says(['10.0.0.0/8'], ['db.example'], 'DB.example.', { address: '10.0.0.1' })).toBe('target-denied')
    expect(says([], ['10.0.0.1:22'], '10.0.0.1', { port: 23 })).toBe('allowed')
    expect(says([], ['[fd12::1]:22'], 'fd12::1')).toBe('target-denied')
  })

  test('what is named exactly may be private, what is named by range may be local, and some things never are', () => {
    expect(
      judge(createPolicy({ allow: ['nas.example'], deny: [] }, alone), 'nas.example', { address: '192.168.1.2' }),
    ).toBe('allowed')
    expect(
      judge(createPolicy({ allow: ['*.example'], deny: [] }, alone), 'nas.example', { address: '192.168.1.2' }),
    ).toBe('target-denied')
    expect(says(['nas.example'], [], 'nas.example', { address: '127.0.0.1' })).toBe('target-denied')
    expect(says(['localhost'], [], 'localhost', { address: '127.0.0.1' })).toBe('allowed')
    expect(says(['127.0.0.0/8'], [], '127.0.0.1')).toBe('allowed')
    expect(says(['169.254.0.0/16'], [], '169.254.1.1')).toBe('allowed')
    expect(says(['0.0.0.0/0', '::/0'], [], '0.0.0.0')).toBe('target-denied')
    expect(says(['0.0.0.0/0', '::/0'], [], '::')).toBe('target-denied')
    expect(says(['0.0.0.0/0', '::/0'], [], '224.0.0.1')).toBe('target-denied')
  })

  test.each([
    '',
    'a b',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '[10.0.0.1',
    '[name]:22',
    'host:0',
    'host:65536',
    'host:ssh',
    '300.1.1.1',
    '*x',
  ])('the rule %j cannot be read', (text) => {
    expect(() => parseRule(text)).toThrow()
  })
})

describe('dial', () => {
  const servers: Server[] = []
  const sockets: Socket[] = []
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
    for (const server of servers.splice(0)) server.close()
  })

  async function listen(host: string): Promise<{ port: number; seen: string[] }> {
    const seen: string[] = []
    const server = createServer((socket) => {
      seen.push(socket.localAddress ?? '')
      sockets.push(socket)
    })
    servers.push(server)
    await new Promise<void>((settle) => server.listen(0, host, settle))
    return { port: (server.address() as { port: number }).port, seen }
  }

  /** Answers one after the other, the last for ever; counts the questions. */
  function resolver(...answers: string[][]) {
    let asked = 0
    const lookup: Lookup = async () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? []
      asked += 1
      return answer.map((address) => ({ address }))
    }
    return { lookup, asked: () => asked }
  }

  const policy = createPolicy({ allow: ['127.0.0.2/32', '127.0.0.3/32', '93.184.216.34'], deny: [] }, exposed)
  const go = (host: string, port: number, lookup: Lookup, more: { tcpMs?: number; signal?: AbortSignal } = {}) =>
    dial(host, port, { policy, tcpMs: 5000, signal: new AbortController().signal, lookup, ...more }).then((dialled) => {
      sockets.push(dialled.socket)
      return dialled
    })
  const code = (attempt: Promise<unknown>) =>
    attempt.then(
      () => 'connected',
      (error) => (error instanceof Refusal ? `${error.code} ${error.phase}` : String(error)),
    )

  test('R-SRF-02 a name is resolved once, and the connection goes to the address that was judged', async () => {
    const { port, seen } = await listen('127.0.0.2')
    const dns = resolver(['127.0.0.2'], ['127.0.0.1'])
    const { address, socket } = await go('rebinding.example', port, dns.lookup)
    expect(address).toBe('127.0.0.2')
    expect(socket.remoteAddress).toBe('127.0.0.2')
    expect(dns.asked()).toBe(1)
    await expect.poll(() => seen).toEqual(['127.0.0.2'])
  })

  test('R-SRF-02 one bad address of ten, of either family, denies the name before anything is dialled', async () => {
    const { port, seen } = await listen('127.0.0.2')
    const good = Array.from({ length: 9 }, () => '127.0.0.2')
    for (const bad of ['127.0.0.1', '::1', '169.254.169.254', 'fd00:ec2::254', '0.0.0.0']) {
      expect(await code(go('mixed.example', port, resolver(['127.0.0.2', bad]).lookup))).toBe(
        'target-denied connection',
      )
      expect(await code(go('ten.example', port, resolver([...good, bad]).lookup))).toBe('target-denied connection')
    }
    expect(seen).toEqual([])
  })

  test('R-SRF-02 an answer that comes too late is no answer', async () => {
    const late: Lookup = () => new Promise(() => undefined)
    expect(await code(go('late.example', 22, late, { tcpMs: 50 }))).toBe('name-not-found name')
  })

  test('a name without an address, and one that the resolver fails on, are not found', async () => {
    expect(await code(go('none.example', 22, resolver([]).lookup))).toBe('name-not-found name')
    expect(await code(go('broken.example', 22, () => Promise.reject(new Error('SERVFAIL'))))).toBe(
      'name-not-found name',
    )
  })

  test('R-SRF-03 closed, unreachable and silent ports answer with the same words', async () => {
    const permissive: Policy = { checkName: (host) => host, checkBeyond: (host) => host, checkAddress: () => undefined }
    const words = (address: string, port: number) =>
      dial('x.example', port, {
        policy: permissive,
        tcpMs: 150,
        signal: new AbortController().signal,
        lookup: resolver([address]).lookup,
      }).then(
        () => 'connected',
        (error: Refusal) => JSON.stringify(error.toFailure()),
      )
    const { port } = await listen('127.0.0.2')
    for (const server of servers.splice(0)) server.close()
    const silent = await listenWithoutAccepting()
    try {
      const closed = await words('127.0.0.2', port)
      expect(closed).toContain('"no-ssh-server"')
      expect(await words('255.255.255.255', 22)).toBe(closed)
      expect(await words('127.0.0.1', silent.port)).toBe(closed)
    } finally {
      silent.close()
    }
  })

  test('addresses are tried in order until one answers', async () => {
    const { port } = await listen('127.0.0.3')
    expect((await go('two.example', port, resolver(['127.0.0.2', '127.0.0.3']).lookup)).address).toBe('127.0.0.3')
  })

  test('an attempt that is given up ends with the reason, during the lookup and before it', async () => {
    const controller = new AbortController()
    const attempt = code(go('late.example', 22, () => new Promise(() => undefined), { signal: controller.signal }))
    controller.abort(new Error('given up'))
    expect(await attempt).toBe('Error: given up')
    expect(await code(go('late.example', 22, resolver(['127.0.0.2']).lookup, { signal: controller.signal }))).toBe(
      'Error: given up',
    )
  })

  test('an address is dialled without a resolver', async () => {
    const { port } = await listen('127.0.0.2')
    const dns = resolver(['127.0.0.1'])
    expect((await go('127.0.0.2', port, dns.lookup)).address).toBe('127.0.0.2')
    expect(dns.asked()).toBe(0)
  })
})
