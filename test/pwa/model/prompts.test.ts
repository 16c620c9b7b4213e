import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { KnownHosts } from '../../../pwa/model/knownHosts.ts'
import { Prompts } from '../../../pwa/model/prompts.ts'
import { openStore } from '../../../pwa/store/db.ts'
import type { Answer } from '../../../shared/protocol.ts'
import { type Browser, openBrowser, until } from '../../harness/browser.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'

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

    browser.open(target)
    expect((await until(() => browser.app.prompts.open.value[0])).question.kind).toBe('login')
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
  const key = btoa('a key')
  const prompt = { kind: 'host-key', host: 'h', port: 22, type: 'ssh-ed25519', key, fingerprint: 'SHA256:lie' } as const

  async function make() {
    const store = await openStore(randomUUID())
    const knownHosts = new KnownHosts(store)
    const answers: Answer[] = []
    const asker = (sessionId: string, hostKey?: string) => ({
      sessionId,
      tabId: 'tab',
      relay: { id: 'r', label: 'relay', url: 'https://relay.example' },
      builtInHost: hostKey === undefined ? undefined : { host: 'h', port: 22, hostKey },
      answer: async (_promptId: string, answer: Answer) => {
        answers.push(answer)
      },
    })
    return { prompts: new Prompts(knownHosts), asker, answers, store }
  }

  it('C-RLY-01 ten thousand questions are one dialog, which names the relay', async () => {
    const { prompts, asker, store } = await make()
    await Promise.all(
      Array.from({ length: 10_000 }, (_, at) =>
        prompts.ask(asker('s'), { sessionId: 's', promptId: String(at), expiresInMs: 1, prompt }),
      ),
    )
    expect(prompts.open.value).toHaveLength(1)
    expect(prompts.open.value[0]?.relay.url).toBe('https://relay.example')
    store.close()
  })

  it('the fingerprint is computed from the key, not taken from the relay', async () => {
    const { prompts, asker, store } = await make()
    await prompts.ask(asker('s'), { sessionId: 's', promptId: '1', expiresInMs: 1, prompt })
    const question = prompts.open.value[0]?.question
    expect(question?.kind === 'host-key' && question.fingerprint).toMatch(/^SHA256:[\w+/]{43}$/)
    store.close()
  })

  it('the built-in host is known by the key in the hello, and by no other', async () => {
    const { prompts, asker, answers, store } = await make()
    await prompts.ask(asker('s', key), { sessionId: 's', promptId: '1', expiresInMs: 1, prompt })
    expect(answers).toEqual([{ kind: 'host-key', accept: true }])
    await prompts.ask(asker('t', btoa('another')), { sessionId: 't', promptId: '1', expiresInMs: 1, prompt })
    expect(prompts.open.value[0]?.question).toMatchObject({ judgement: 'changed' })
    store.close()
  })

  it('a question about a session that is over does not appear', async () => {
    const { prompts, asker, store } = await make()
    const asking = prompts.ask(asker('s'), { sessionId: 's', promptId: '1', expiresInMs: 1, prompt })
    prompts.drop('s')
    await asking
    expect(prompts.open.value).toEqual([])
    store.close()
  })
})
