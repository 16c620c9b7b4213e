import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Browser, openBrowser, until } from '../../harness/browser.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'

const passphrase = 'a long passphrase'

describe('a login with a kept password', () => {
  let relay: TestRelay
  let sshd: Sshd
  let browser: Browser

  beforeAll(async () => {
    sshd = await startSshd()
    relay = await startTestRelay()
  })
  afterAll(async () => {
    await relay.close()
    await sshd.close()
  })
  beforeEach(async () => {
    browser = await openBrowser(randomUUID(), { relay: relay.url })
    await browser.online()
    await browser.app.vault.setUp(passphrase)
  })
  afterEach(() => browser.close())

  /** Opens the host, for which a password is kept. */
  const open = async (password: string) => {
    const { app } = browser
    const { id } = await app.identities.addPassword('web1', sshd.username, password)
    const { tab } = browser.open({ host: sshd.host, port: sshd.port, username: sshd.username })
    await browser.prompt('host-key')
    const hostId = await until(() => tab.record.value.hostId)
    await app.hosts.edit(hostId, (old) => ({ ...old, identityId: id }))
    return tab
  }

  it('asks nothing of the person', async () => {
    const tab = await open(sshd.password)
    await browser.answer({ kind: 'host-key', accept: true })
    await until(() => tab.session.state.value === 'open')
    expect(browser.app.prompts.open.value).toEqual([])
  })

  it('asks the person once the host has refused it', async () => {
    await open('not it')
    await browser.answer({ kind: 'host-key', accept: true })
    expect((await browser.prompt('login')).question.refused).toBe(1)
  })

  it('asks the person where the vault stays locked', async () => {
    const { vault } = browser.app
    await open(sshd.password)
    vault.lock()
    await browser.answer({ kind: 'host-key', accept: true })
    await until(() => vault.asked.value)
    expect(browser.app.prompts.open.value).toEqual([])
    vault.decline()
    expect((await browser.prompt('login')).question.refused).toBe(0)
  })
})
