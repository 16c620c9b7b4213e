import { afterAll, beforeAll, expect, test } from 'vitest'
import { Failed } from '../../../pwa/model/failure.ts'
import type { TabView } from '../../../pwa/model/tabs.ts'
import { destinationKey, destinationOf, isUsable } from '../../../pwa/model/transfers/destination.ts'
import type { Browser } from '../../harness/browser.ts'
import { openFiles } from '../../harness/moving.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'
import { type Sudoers, sudoers } from '../../harness/sudoers.ts'

let sshd: Sshd
let relay: TestRelay
let rules: Sudoers
let browser: Browser
let tab: TabView
let stop: () => void

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay()
  rules = await sudoers('%u ALL=(root) NOPASSWD: /usr/lib/openssh/sftp-server')
  ;({ browser, tab } = await openFiles(sshd, relay.url))
  // Without a shell beside which they could open, the files log in each time.
  const answered = new Set<string>()
  stop = browser.app.prompts.open.subscribe(([first]) => {
    if (first?.question.kind !== 'login' || answered.has(first.id)) return
    answered.add(first.id)
    void browser.answer({ kind: 'login', password: sshd.password })
  })
})
afterAll(async () => {
  stop()
  await browser.close()
  await rules.remove()
  await relay.close()
  await sshd.close()
})

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Failed ? error.failure.code : error),
  )
const secret = () => codeOf(tab.sftp.ask('sftp-get', { path: '/etc/shadow' }))

test('a tab has its files as root or as the person, never the one for the other, and says which', async () => {
  const { endpoints, hosts } = browser.app
  const key = () => destinationKey(destinationOf(tab, hosts))
  const own = key()
  expect(await secret()).toBe('permission-denied')

  await rules.set('# nothing')
  const refused = tab.sftp.becomeRoot('')
  // Nothing is asked of a root that is not there yet.
  expect(await secret()).toBe('root-ended')
  expect(await codeOf(refused)).toMatch(/^sudo-/)
  expect(tab.sftp.asRoot.value).toBe(false)

  await rules.set('%u ALL=(root) NOPASSWD: /usr/lib/openssh/sftp-server')
  await tab.sftp.becomeRoot('')
  expect(tab.sftp.asRoot.value).toBe(true)
  expect(tab.sftp.info.value?.by).toBe('sudo')
  expect(await secret()).toBe('done')
  // A transfer that was begun as the one is not carried by the other.
  expect(key()).not.toBe(own)

  // It is lost: what is asked of it is not asked of the person's own.
  await tab.sftp.close()
  expect(await secret()).toBe('root-ended')
  expect(isUsable(tab, endpoints, new Set([tab.id]))).toBe(false)

  await tab.sftp.becomeYourself()
  expect(key()).toBe(own)
  expect(await secret()).toBe('permission-denied')
})
