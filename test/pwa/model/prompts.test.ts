import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Failed, failureOf } from '../../../pwa/model/failure.ts'
import { KnownHosts } from '../../../pwa/model/knownHosts.ts'
import { knownHostId } from '../../../pwa/model/knownHostsName.ts'
import { type Asker, Prompts } from '../../../pwa/model/prompts.ts'
import { Signatures } from '../../../pwa/model/signatures.ts'
import { openStore, type Store } from '../../../pwa/store/db.ts'
import type { Answer, Prompt } from '../../../shared/protocol.ts'
import { blobOf } from '../../harness/blob.ts'
import { type Browser, openBrowser, until } from '../../harness/browser.ts'
import { startHostile } from '../../harness/hostileServer.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'
import { makeSshKey } from '../../harness/sshKey.ts'

describe('prompts of a real server', () => {
  let relay: TestRelay
  let sshd: Sshd
  let browser: Browser

  beforeAll(async () => {
    sshd = await startSshd()
    relay = await startTestRelay()
  })
  afterEach(() => browser.close())
  afterAll(async () => {
    await relay.close()
    await sshd.close()
  })

  it('A-HK-02 a new key is known once the login has succeeded, and not asked about again', async () => {
    browser = await openBrowser(randomUUID(), { relay: relay.url })
    await browser.online()
    const target = { host: sshd.host, port: sshd.port, username: sshd.username }
    const first = browser.open(target).tab
    await browser.prompt('host-key')
    await browser.answer({ kind: 'host-key', accept: true })
    await browser.prompt('login')
    await browser.answer({ kind: 'cancel' })
    await until(() => first.session.ended.value)
    expect(browser.app.knownHosts.list.value).toEqual([])

    first.session.reconnect()
    await browser.prompt('host-key')
    await browser.answer({ kind: 'host-key', accept: true })
    await browser.prompt('login')
    await browser.answer({ kind: 'login', password: sshd.password })
    await until(() => first.session.state.value === 'open')
    await until(() => browser.app.knownHosts.list.value.length === 1)

    await browser.app.tabs.close(first.id)
    browser.open(target)
    expect((await until(() => browser.app.prompts.open.value[0])).question.kind).toBe('login')
  })

  it('A-HK-02 a server that shows a key which it cannot sign for leaves nothing behind', async () => {
    const [shown, own] = await Promise.all(
      ['shown', 'own'].map((name) => makeSshKey(join(tmpdir(), `fairlead-${name}-${process.pid}`))),
    )
    const server = await startHostile({
      connect: ({ connection }) => {
        // What is replaced is private to ssh2, which is pinned.
        const { _protocol: protocol } = connection as unknown as { _protocol: { _hostKeys: object } }
        const key = ssh2.utils.parseKey(own?.private ?? '')
        const lie = Object.assign(Object.create(key), { getPublicSSH: () => shown?.blob })
        protocol._hostKeys = { 'ssh-ed25519': lie }
      },
    })
    browser = await openBrowser(randomUUID(), { relay: relay.url })
    await browser.online()
    const { tab } = browser.open({ host: '127.0.0.1', port: server.port, username: 'me' })
    expect((await browser.prompt('host-key')).question.key).toBe(shown?.blob.toString('base64'))
    await browser.answer({ kind: 'host-key', accept: true })
    await until(() => tab.session.failure.value)
    expect(tab.session.failure.value?.code).toBe('key-exchange-failed')
    expect(browser.app.knownHosts.list.value).toEqual([])
    await server.close()
    await Promise.all([shown, own].flatMap((key) => [rm(key?.file ?? ''), rm(`${key?.file}.pub`)]))
  })

  it('A-HK-04 a host that shows a key of another type has changed; one that has the known one as well shows that', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'fairlead-types-'))
    const rsa = await makeSshKey(join(dir, 'rsa'), 'rsa', 2048)
    const both = await startSshd([`HostKey ${rsa.file}`])
    const target = { host: both.host, port: both.port, username: both.username }
    browser = await openBrowser(randomUUID(), { relay: relay.url })
    await browser.online()
    const id = knownHostId(both.host, both.port, browser.app.endpoints.list.value[0]?.id ?? '')
    await browser.app.knownHosts.add(id, 'ssh-rsa', rsa.blob.toString('base64'), 'r')
    const { tab } = browser.open(target)
    await browser.prompt('login')
    await browser.app.tabs.close(tab.id)
    await both.stop()

    const other = await startSshd([], both.port)
    browser.open(target)
    const changed = await browser.prompt('host-key')
    expect(changed.question).toMatchObject({ judgement: 'changed', type: 'ssh-ed25519', known: [{ type: 'ssh-rsa' }] })
    await other.close()
    await both.close()
    await rm(dir, { recursive: true })
  })

  it('a changed key cannot be accepted before the old one is forgotten', async () => {
    browser = await openBrowser(randomUUID(), { relay: relay.url })
    await browser.online()
    const target = { host: sshd.host, port: sshd.port, username: sshd.username }
    const { tab } = browser.open(target)
    await browser.prompt('host-key')
    await browser.answer({ kind: 'host-key', accept: true })
    await browser.prompt('login')
    await browser.answer({ kind: 'login', password: sshd.password })
    await until(() => tab.session.state.value === 'open')
    const old = sshd.hostKey
    await browser.app.tabs.close(tab.id)
    await sshd.changeHostKey()

    const again = browser.open(target).tab
    const changed = await browser.prompt('host-key')
    expect(changed.question).toMatchObject({ judgement: 'changed', key: sshd.hostKey })
    expect(changed.question.known).toMatchObject([{ type: 'ssh-ed25519' }])
    await browser.answer({ kind: 'host-key', accept: true })
    expect(browser.app.prompts.open.value[0]?.id).toBe(changed.id)
    expect(browser.app.knownHosts.list.value[0]?.keys[0]?.key).toBe(old)

    await browser.app.prompts.forget(changed.id)
    expect((await browser.prompt('host-key')).question.judgement).toBe('new')
    await browser.answer({ kind: 'host-key', accept: true })
    await browser.prompt('login')
    await browser.answer({ kind: 'login', password: sshd.password })
    await until(() => again.session.state.value === 'open')
    await until(() => browser.app.knownHosts.list.value[0]?.keys[0]?.key === sshd.hostKey)
  })
})

describe('prompts of a hostile relay', () => {
  const key = blobOf('ssh-ed25519', 'a')
  const prompt = { kind: 'host-key', host: 'h', port: 22, type: 'ssh-ed25519', key, fingerprint: 'SHA256:lie' } as const
  const relay = { id: 'r', label: 'relay', url: 'https://relay.example' }
  let store: Store | undefined
  afterEach(() => store?.close())

  async function make() {
    store = await openStore(randomUUID())
    const knownHosts = new KnownHosts(store)
    const answers: Answer[] = []
    const reported: string[] = []
    const asker = (sessionId: string, more: Partial<Asker> = {}): Asker => ({
      sessionId,
      tabId: 'tab',
      relay,
      way: [{ host: 'h', port: 22 }],
      builtInHost: undefined,
      agentKeys: () => [],
      fail: () => undefined,
      answer: async (_promptId: string, answer: Answer) => {
        answers.push(answer)
      },
      ...more,
    })
    const report = (error: unknown) => {
      reported.push(failureOf(error).code)
    }
    const signatures = new Signatures({ signingKey: async () => undefined, report })
    const prompts = new Prompts(knownHosts, signatures, report)
    return { prompts, knownHosts, asker, answers, reported }
  }
  const ask = (sessionId: string, promptId: string, of: Prompt = prompt) => ({
    sessionId,
    promptId,
    expiresInMs: 1,
    prompt: of,
  })

  it('C-RLY-01 a hundred thousand questions are one dialog, which names the relay and stays as it is', async () => {
    const { prompts, asker, answers } = await make()
    const one = asker('s')
    await prompts.ask(one, ask('s', 'first'))
    const first = prompts.open.value[0]
    const others = Array.from({ length: 9 }, (_, at) => ({ ...prompt, key: blobOf('ssh-ed25519', String(at)) }))
    for (let at = 0; at < 100_000; at++) await prompts.ask(one, ask('s', String(at), others[at % others.length]))
    expect(prompts.open.value).toEqual([first])
    expect(first?.relay.url).toBe('https://relay.example')
    expect(answers).toEqual([])
  })

  it('C-RLY-01 once the person has said no, nothing of that connect is asked any more', async () => {
    const { prompts, asker, answers } = await make()
    await prompts.ask(asker('s'), ask('s', '1'))
    await prompts.cancel(prompts.open.value[0]?.id ?? '')
    for (const kind of ['login', 'host-key'] as const) {
      const again = kind === 'login' ? ({ ...login, kind } as const) : prompt
      await prompts.ask(asker('s'), ask('s', kind, again))
    }
    expect(prompts.open.value).toEqual([])
    expect(answers).toEqual([{ kind: 'cancel' }])
  })

  const login = {
    kind: 'login',
    host: 'h',
    port: 22,
    username: 'me',
    methods: ['password'],
    refused: 0,
  } satisfies Prompt

  it.each<[string, Prompt]>([
    ['the key of a host', { ...prompt, host: 'bank.example' }],
    ['the key at another port', { ...prompt, port: 2222 }],
    ['the password for a host', { ...login, host: 'bank.example' }],
  ])('C-RLY-01 %s that is no part of the way is not asked about: the connect ends', async (_what, of) => {
    const { prompts, asker, answers, reported, knownHosts } = await make()
    await knownHosts.add('bank.example:22', 'ssh-ed25519', key, 'r')
    await prompts.ask(asker('s'), ask('s', '1', of))
    expect(prompts.open.value).toEqual([])
    expect(answers).toEqual([{ kind: 'cancel' }])
    expect(reported).toEqual(['relay-strays'])
  })

  it('C-RLY-01 a second key for a host in one connect is refused; the same one is not asked about again', async () => {
    const { prompts, asker, answers, reported } = await make()
    await prompts.ask(asker('s'), ask('s', '1'))
    await prompts.answer(prompts.open.value[0]?.id ?? '', { kind: 'host-key', accept: true })
    await prompts.ask(asker('s'), ask('s', '2'))
    expect(answers).toEqual([
      { kind: 'host-key', accept: true },
      { kind: 'host-key', accept: true },
    ])
    await prompts.ask(asker('s'), ask('s', '3', { ...prompt, key: blobOf('ssh-ed25519', 'b') }))
    expect(prompts.open.value).toEqual([])
    expect(answers.at(-1)).toEqual({ kind: 'cancel' })
    expect(reported).toEqual(['relay-strays'])
  })

  it('a question about a host key that is sent twice is one question', async () => {
    const { prompts, asker, answers, reported } = await make()
    await Promise.all([prompts.ask(asker('s'), ask('s', '1')), prompts.ask(asker('s'), ask('s', '1'))])
    expect(prompts.open.value).toMatchObject([{ question: { judgement: 'new' } }])
    expect([answers, reported]).toEqual([[], []])
  })

  it('a question that comes while an answer is on its way is the next one', async () => {
    const { prompts, asker } = await make()
    let arrive = () => {}
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve
    })
    const slow = asker('s', { answer: () => arrived })
    await prompts.ask(slow, ask('s', '1', login))
    const answering = prompts.answer(prompts.open.value[0]?.id ?? '', { kind: 'login', password: 'wrong' })
    await prompts.ask(slow, ask('s', '2', { ...login, refused: 1 }))
    arrive()
    await answering
    expect(prompts.open.value).toMatchObject([{ question: { kind: 'login', refused: 1 } }])
  })

  it('an answer that may not have arrived is asked for again, and is followed by whatever comes next', async () => {
    const { prompts, asker } = await make()
    const cut = asker('s', { answer: () => Promise.reject(new Failed('relay-lost')) })
    const id = () => prompts.open.value[0]?.id ?? ''
    for (const next of ['1', '2']) {
      await prompts.ask(cut, ask('s', '1', login))
      await expect(prompts.answer(id(), { kind: 'login', password: 'x' })).rejects.toThrow()
      expect(prompts.open.value).toHaveLength(1)
      await prompts.ask(asker('s'), ask('s', next, { ...login, refused: Number(next) - 1 }))
    }
    expect(prompts.open.value).toMatchObject([{ question: { refused: 1 } }])
    await prompts.answer(id(), { kind: 'login', password: 'y' })
    expect(prompts.open.value).toEqual([])
  })

  it('the fingerprint is computed from the key, not taken from the relay', async () => {
    const { prompts, asker } = await make()
    await prompts.ask(asker('s'), ask('s', '1'))
    const question = prompts.open.value[0]?.question
    expect(question?.kind === 'host-key' && question.fingerprint).toMatch(/^SHA256:[\w+/]{43}$/)
  })

  it('the built-in host is known by the key in the hello, by no other, and never accepted for a signature', async () => {
    const { prompts, asker, answers } = await make()
    const builtIn = (hostKey: string) => ({ builtInHost: { host: 'h', port: 22, hostKey } })
    await prompts.ask(asker('s', builtIn(key)), ask('s', '1'))
    expect(answers).toEqual([{ kind: 'host-key', accept: true }])
    expect(prompts.accepted('s', 'r', 'h', 22)).toEqual([])
    await prompts.ask(asker('t', builtIn(blobOf('ssh-ed25519', 'b'))), ask('t', '1'))
    expect(prompts.open.value[0]?.question).toMatchObject({ judgement: 'changed', known: [] })
  })

  it('a relay cannot have its own host answer in place of one behind a hop', async () => {
    const { prompts, asker } = await make()
    const way = [
      { host: 'hop', port: 22 },
      { host: 'h', port: 22 },
    ]
    await prompts.ask(asker('s', { way, builtInHost: { host: 'h', port: 22, hostKey: key } }), ask('s', '1'))
    expect(prompts.open.value[0]?.question).toMatchObject({ judgement: 'new' })
  })

  it('only the key of this very connect is accepted for its signature', async () => {
    const { prompts, asker, knownHosts } = await make()
    expect(prompts.accepted('s', 'r', 'h', 22)).toEqual([])
    await prompts.ask(asker('s'), ask('s', '1'))
    expect(prompts.accepted('s', 'r', 'h', 22)).toEqual([])
    await prompts.answer(prompts.open.value[0]?.id ?? '', { kind: 'host-key', accept: true })
    expect(prompts.accepted('s', 'r', 'H.', 22)).toEqual([key])
    expect(prompts.accepted('t', 'r', 'h', 22)).toEqual([])
    await prompts.connected('s')
    expect(knownHosts.get('h:22')?.keys).toMatchObject([{ key, endpointId: 'r' }])
    await prompts.ask(asker('t'), ask('t', '1'))
    expect(prompts.accepted('t', 'r', 'h', 22)).toEqual([key])
    prompts.drop('t')
    expect(prompts.accepted('t', 'r', 'h', 22)).toEqual([])
  })

  it('a revoked key cannot be accepted, nor forgotten away', async () => {
    const { prompts, asker, answers, knownHosts } = await make()
    await knownHosts.revoke('ssh-ed25519', key)
    await prompts.ask(asker('s'), ask('s', '1'))
    const id = prompts.open.value[0]?.id ?? ''
    expect(prompts.open.value[0]?.question).toMatchObject({ judgement: 'revoked' })
    await prompts.answer(id, { kind: 'host-key', accept: true })
    await prompts.forget(id)
    expect(prompts.open.value[0]?.question).toMatchObject({ judgement: 'revoked' })
    expect(answers).toEqual([])
  })

  it('says where else the key is known, and through which relay another was', async () => {
    const { prompts, asker, knownHosts } = await make()
    await knownHosts.add('h:22', 'ssh-ed25519', blobOf('ssh-ed25519', 'b'), 'another')
    await knownHosts.add('web.example:22', 'ssh-ed25519', key, 'r')
    await prompts.ask(asker('s'), ask('s', '1'))
    expect(prompts.open.value[0]?.question).toMatchObject({
      judgement: 'changed',
      known: [{ endpointId: 'another', fingerprint: expect.stringMatching(/^SHA256:/) }],
      elsewhere: ['web.example'],
    })
  })

  it('what a server says without a question is told and answered at once', async () => {
    const { prompts, asker, answers } = await make()
    const round = {
      kind: 'keyboard-interactive',
      host: 'h',
      port: 22,
      username: 'me',
      prompts: [] as { text: string; echo: boolean }[],
    } as const
    const words = { ...round, name: 'No\u202etice', instructions: 'Your password\u001b[31m ends\nin 3 days.' }
    await prompts.ask(asker('s'), ask('s', '1', words))
    expect(prompts.open.value).toEqual([])
    expect(answers).toEqual([{ kind: 'keyboard-interactive', responses: [] }])
    const [notice] = prompts.notices.value
    expect(notice).toMatchObject({
      tabId: 'tab',
      host: 'h',
      said: { kind: 'words', title: 'Notice', text: 'Your password[31m ends\nin 3 days.' },
    })
    prompts.dismiss(notice?.id ?? '')
    expect(prompts.notices.value).toEqual([])
    for (let at = 0; at < 100; at++) await prompts.ask(asker('s'), ask('s', String(at + 2), words))
    expect(prompts.notices.value.length).toBeLessThanOrEqual(20)
  })

  it('a question about a session that is over does not appear', async () => {
    const { prompts, asker } = await make()
    const asking = prompts.ask(asker('s'), ask('s', '1'))
    prompts.drop('s')
    await asking
    expect(prompts.open.value).toEqual([])
  })

  describe('A-HK-08 announced keys', () => {
    const sshSessionId = Buffer.from('thirty-two bytes of a session id').toString('base64')

    /** Connects as if to a host whose key was accepted, and hears what it announces. */
    async function meet(announce: { bound?: boolean; lie?: string; hop?: number; early?: boolean } = {}) {
      const made = await make()
      const { prompts, asker } = made
      await prompts.ask(asker('s'), ask('s', '1'))
      await prompts.answer(prompts.open.value[0]?.id ?? '', { kind: 'host-key', accept: true })
      if (announce.bound) prompts.bind('s', 'r', 'h', 22, sshSessionId)
      const fresh = generateKeyPairSync('ed25519')
      const other = blobWith('ssh-ed25519', fresh.publicKey.export({ format: 'jwk' }).x)
      const proof = proofOf(fresh.privateKey, announce.lie ?? sshSessionId, other)
      const keys = [{ key }, { key: other, proof }, { key: blobOf('ssh-ed25519', 'unproven') }]
      const message = { sessionId: 's', host: 'h', port: 22, hop: announce.hop ?? 0, sshSessionId, keys }
      if (announce.early !== false) await prompts.announced(asker('s'), message)
      await prompts.connected('s')
      if (announce.early === false) await prompts.announced(asker('s'), message)
      return { ...made, other, keys: made.knownHosts.get('h:22')?.keys }
    }

    it.each([true, false])(
      'are kept where their owner proved them, before (%s) or after the connect is through',
      async (early) => {
        const { keys, other, prompts } = await meet({ early })
        expect(keys).toMatchObject([{ key }, { key: other, from: 'announced', bound: false, endpointId: 'r' }])
        expect(prompts.notices.value).toMatchObject([
          { host: 'h', said: { kind: 'host-keys', learned: [{ key: other }] } },
        ])
      },
    )

    it('are more than the word of a relay where this browser has checked the session', async () => {
      const { keys } = await meet({ bound: true })
      expect(keys?.[1]).toMatchObject({ bound: true })
    })

    it('of another session, or of another part of the way, count for nothing', async () => {
      expect((await meet({ lie: Buffer.from('another session').toString('base64') })).keys).toHaveLength(1)
      expect((await meet({ hop: 1 })).keys).toHaveLength(1)
    })
  })
})

function sshString(value: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(value.length)
  return Buffer.concat([length, value])
}

function blobWith(type: string, raw = ''): string {
  return Buffer.concat([sshString(Buffer.from(type)), sshString(Buffer.from(raw, 'base64url'))]).toString('base64')
}

function proofOf(key: KeyObject, sshSessionId: string, of: string): string {
  const parts = [
    Buffer.from('hostkeys-prove-00@openssh.com'),
    Buffer.from(sshSessionId, 'base64'),
    Buffer.from(of, 'base64'),
  ]
  const signature = sign(null, Buffer.concat(parts.map(sshString)), key)
  return Buffer.concat([sshString(Buffer.from('ssh-ed25519')), sshString(signature)]).toString('base64')
}
