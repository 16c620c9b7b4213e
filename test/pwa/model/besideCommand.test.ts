import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { failureOf } from '../../../pwa/model/failure.ts'
import { type Browser, openBrowser, until } from '../../harness/browser.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'

describe('a command beside a shell', () => {
  let relay: TestRelay
  let roomy: Sshd
  let narrow: Sshd
  let browser: Browser

  beforeAll(async () => {
    ;[relay, roomy, narrow] = await Promise.all([startTestRelay(), startSshd(), startSshd(['MaxSessions 1'])])
  })
  afterAll(() => Promise.all([relay.close(), roomy.close(), narrow.close()]))
  afterEach(() => browser.close())

  const logIn = async (sshd: Sshd) => {
    browser = await openBrowser(randomUUID(), { relay: relay.url })
    await browser.online()
    const { tab } = browser.open({ host: sshd.host, port: sshd.port, username: sshd.username })
    await browser.prompt('host-key')
    await browser.answer({ kind: 'host-key', accept: true })
    await browser.prompt('login')
    await browser.answer({ kind: 'login', password: sshd.password })
    await until(() => tab.session.state.value === 'open')
    return tab
  }

  it('shares its connection, says what it wrote and how it ended, and leaves the shell open', async () => {
    const { session, record } = await logIn(roomy)
    const logins = () => roomy.log().match(/Accepted password/g)?.length
    expect(await session.run('echo one; echo two; exit 3')).toEqual({ output: 'one\ntwo\n', exitCode: 3 })
    // A key that is chosen meanwhile does not make it another way.
    const { id } = await browser.app.identities.make('ed25519', 'Later', 'device')
    const hostId = await until(() => record.value.hostId)
    await browser.app.hosts.edit(hostId, (old) => ({ ...old, identityId: id }))
    const { output } = await session.run('seq 100000')
    expect([output.length, output.endsWith('99999\n100000\n')]).toEqual([65_536, true])
    expect([logins(), session.state.value]).toEqual([1, 'open'])
  })

  it('asks nobody where the connection takes no further session: it fails', async () => {
    const { session } = await logIn(narrow)
    const failure = await session.run('true').then(
      () => 'done',
      (error: unknown) => failureOf(error).code,
    )
    expect(failure).toBe('host-key-refused')
    expect(browser.app.prompts.open.value).toEqual([])
    expect(session.state.value).toBe('open')
  })
})
