import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Identity } from '../../../pwa/store/schema.ts'
import { targetText } from '../../../shared/target.ts'
import { type Browser, HeadlessScreen, openBrowser, until } from '../../harness/browser.ts'
import { type Cut, startCut } from '../../harness/cut.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'

let dir: string
let relay: TestRelay
let sshd: Sshd
let gate: Sshd
let cut: Cut
let browser: Browser
/** Of its store. */
let name: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-signed-'))
  await chmod(dir, 0o755)
  const lines = [`AuthorizedKeysFile ${join(dir, 'authorized_keys')}`, 'PasswordAuthentication no']
  ;[sshd, gate] = await Promise.all([startSshd(lines), startSshd(lines)])
  relay = await startTestRelay()
  cut = await startCut(relay.port)
})
afterEach(() => browser.close())
afterAll(async () => {
  await cut.close()
  await relay.close()
  await sshd.close()
  await gate.close()
  await rm(dir, { recursive: true })
})

/** A browser that has a key which the hosts take. */
async function withKey(): Promise<Identity> {
  name = randomUUID()
  browser = await openBrowser(name, { relay: `http://127.0.0.1:${cut.port}` })
  await browser.online()
  const identity = await browser.app.identities.make('ed25519', 'Laptop', 'device')
  await writeFile(join(dir, 'authorized_keys'), `ssh-ed25519 ${identity.publicKey}\n`, { mode: 0o644 })
  return identity
}

/** Saves a host whose parts are all logged in to with one key. */
async function saved(identity: Identity, target: Parameters<Browser['open']>[0], more: object = {}): Promise<string> {
  const { hosts, endpoints } = browser.app
  const endpointId = endpoints.list.value[0]?.id ?? ''
  const whole = { scheme: 'ssh' as const, jump: [], ...target }
  const host = await hosts.save({ target: whole, endpointId })
  if (!host) throw new Error(`${targetText(whole)} was not saved`)
  const jumpIdentityIds = whole.jump.map(() => identity.id)
  await hosts.edit(host.id, (old) => ({ ...old, identityId: identity.id, jumpIdentityIds, ...more }))
  return host.id
}

async function acceptHostKeys(count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    await browser.prompt('host-key')
    await browser.answer({ kind: 'host-key', accept: true })
  }
}

const place = (of: Sshd) => ({ host: of.host, port: of.port, username: of.username })

test('a host with a key of this browser opens without a question, through its jump host too, and so do its files', async () => {
  const identity = await withKey()
  const target = { ...place(sshd), jump: [place(gate)] }
  await saved(identity, target)
  const { tab, screen } = browser.open(target)
  await acceptHostKeys(2)
  await until(() => tab.session.state.value === 'open')
  screen.type('echo signed-$((6*7))\r')
  await screen.shows('signed-42')

  const direct = { ...place(gate), scheme: 'sftp' as const }
  await saved(identity, direct)
  const files = browser.open(direct).tab
  const pages = []
  for await (const page of files.sftp.list('.')) pages.push(page.path)
  expect(pages).toEqual([gate.home])
  expect(browser.app.prompts.open.value).toEqual([])
})

test('A-SIG-03 a login that waits for the person’s word is signed after a cut', async () => {
  const identity = await withKey()
  await browser.app.identities.setConsent(identity.id, true)
  await saved(identity, place(sshd))
  const { tab } = browser.open(place(sshd))
  await acceptHostKeys(1)
  const { id } = await browser.prompt('sign')
  const { link } = browser.app.endpoints.list.value[0] ?? {}
  cut.cut()
  await until(() => link?.state.value !== 'online')
  await until(() => link?.state.value === 'online')
  await until(() => tab.session.state.value === 'prompting')
  expect((await browser.prompt('sign')).id).toBe(id)
  await browser.answer({ kind: 'agreed' })
  await until(() => tab.session.state.value === 'open')
})

test('a person who does not sign is not left waiting', async () => {
  const identity = await withKey()
  await browser.app.identities.setConsent(identity.id, true)
  await saved(identity, place(sshd))
  const { tab } = browser.open(place(sshd))
  await acceptHostKeys(1)
  await browser.prompt('sign')
  await browser.answer({ kind: 'cancel' })
  await until(() => tab.session.state.value === 'closed')
  expect(tab.session.failure.value?.code).toBe('not-signed')

  const direct = { ...place(sshd), scheme: 'sftp' as const }
  await saved(identity, direct)
  const listing = browser.open(direct).tab.sftp.list('.').next()
  await acceptHostKeys(1)
  await browser.prompt('sign')
  await browser.answer({ kind: 'cancel' })
  await expect(listing).rejects.toMatchObject({ failure: { code: 'not-signed' } })
})

test('a program on the host has something signed after the person has agreed, also by a page that came later', async () => {
  const identity = await withKey()
  await saved(identity, place(sshd), { forwardAgent: true })
  const { tab, screen } = browser.open(place(sshd))
  await acceptHostKeys(1)
  await until(() => tab.session.state.value === 'open')
  screen.type(
    `ssh-add -L; echo text > file; echo "$(ssh-add -L)" > key.pub; ssh-keygen -Y sign -n git -f key.pub file\r`,
  )
  const asked = await browser.prompt('agent-sign')
  expect(asked.question).toMatchObject({ key: 'Laptop', wants: { kind: 'message', namespace: 'git' } })
  await browser.answer({ kind: 'agreed' })
  await screen.shows('Write signature to file.sig')

  await browser.close()
  browser = await openBrowser(name, { relay: `http://127.0.0.1:${cut.port}` })
  const later = await until(() => browser.app.tabs.tabs.value[0])
  const again = new HeadlessScreen(later.session)
  await until(() => later.session.state.value === 'open')
  again.type('rm file.sig; ssh-keygen -Y sign -n file -f key.pub file && echo again-$((6*7))\r')
  expect((await browser.prompt('agent-sign')).question).toMatchObject({ wants: { namespace: 'file' } })
  await browser.answer({ kind: 'agreed' })
  await again.shows('again-42')
  again.type('rm file key.pub file.sig\r')
})
