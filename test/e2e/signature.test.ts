import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Prompts } from '../../relay/prompts.ts'
import type { Prompt } from '../../shared/protocol.ts'
import { AppPage } from '../harness/app.ts'
import { findings } from '../harness/axe.ts'
import { type Chromium, startChromium } from '../harness/chromium.ts'
import { findInMemory } from '../harness/memory.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { spawnRelay } from '../harness/relayProcess.ts'
import { remoteKey } from '../harness/remoteKey.ts'
import { makePair, type Pair } from '../harness/signedWorld.ts'
import { account, type Sshd, startSshd } from '../harness/sshd.ts'
import { makeSshKey, type SshKey } from '../harness/sshKey.ts'
import { type Switch, startSwitch } from '../harness/switch.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))

let dir: string
let person: Pair
/** The host that the person wants, and one that takes the same key. */
let wanted: Sshd
let wantedKey: SshKey
let other: Sshd
let way: Switch
let relay: TestRelay
let browser: Chromium

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-signature-'))
  await chmod(dir, 0o755)
  person = makePair()
  await writeFile(join(dir, 'authorized_keys'), `ssh-ed25519 ${person.blob.toString('base64')}\n`, { mode: 0o644 })
  wantedKey = await makeSshKey(join(dir, 'wanted'), 'ecdsa', 256)
  const otherKey = await makeSshKey(join(dir, 'other'), 'ecdsa', 256)
  const lines = ({ file }: SshKey) => [
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    'LogLevel DEBUG1',
    `HostKey ${file}`,
    'HostKeyAlgorithms ecdsa-sha2-nistp256',
  ]
  ;[wanted, other] = await Promise.all([startSshd(lines(wantedKey)), startSshd(lines(otherKey))])
  way = await startSwitch(wanted.port)
  relay = await startTestRelay({ app: dist })
})
beforeEach(async () => {
  way.to = wanted.port
  browser = await startChromium()
})
afterEach(async ({ task }) => {
  const page = browser.context.pages().at(-1)
  if (task.result?.state === 'fail') await page?.screenshot({ path: `test/output/${task.name.slice(0, 40)}.png` })
  await browser.close()
})
afterAll(async () => {
  await relay.close()
  await way.close()
  await Promise.all([wanted.close(), other.close()])
  await rm(dir, { recursive: true })
})

interface Wishes {
  consent?: boolean
  forwardAgent?: boolean
}

/** Puts the person's key into the browser, not to be exported, and a host that logs in with it. */
async function giveKey(page: Page, url: string, port: number, wishes: Wishes = {}): Promise<void> {
  await page.getByRole('heading', { name: 'Where to?' }).waitFor()
  const pkcs8 = person.key.export({ format: 'der', type: 'pkcs8' }).toString('base64')
  const seed = { pkcs8, publicKey: person.blob.toString('base64'), port, username: account.username, ...wishes }
  await page.evaluate(async ({ pkcs8, publicKey, port, username, consent = false, forwardAgent = false }) => {
    const bytes = Uint8Array.from(atob(pkcs8), (character) => character.charCodeAt(0))
    const key = await crypto.subtle.importKey('pkcs8', bytes, 'Ed25519', false, ['sign'])
    const opening = indexedDB.open('fairlead')
    const db = await new Promise<IDBDatabase>((resolve) => {
      opening.onsuccess = () => resolve(opening.result)
    })
    const tx = db.transaction(['endpoints', 'identities', 'hosts'], 'readwrite')
    const endpoints = tx.objectStore('endpoints').getAll()
    const [endpoint] = await new Promise<{ id: string }[]>((resolve) => {
      endpoints.onsuccess = () => resolve(endpoints.result)
    })
    const secret = { kind: 'device', keys: [key] }
    const identity = {
      id: 'i',
      label: 'Laptop',
      kind: 'key',
      createdAt: 1,
      publicKey,
      keyType: 'ssh-ed25519',
      consent,
      secret,
    }
    tx.objectStore('identities').put(identity)
    const target = { scheme: 'ssh', host: '127.0.0.1', port, username, jump: [] }
    const host = { id: 'h', label: 'wanted', target, endpointId: endpoint?.id, saved: true, createdAt: 1, usedAt: 1 }
    tx.objectStore('hosts').put({ ...host, identityId: 'i', forwardAgent })
    await new Promise<void>((resolve) => {
      tx.oncomplete = () => resolve()
    })
    db.close()
  }, seed)
  await page.goto('about:blank')
  await page.goto(url)
}

async function enter(url: string, port = way.port, wishes: Wishes = {}): Promise<AppPage> {
  const app = new AppPage(await browser.open(url))
  await giveKey(app.page, url, port, wishes)
  return app
}

const destination = () => `ssh -p ${way.port} ${account.username}@127.0.0.1`

/** Makes the relay lie: every question goes through `lie` before it is asked. Returns what makes it honest again. */
function lying(lie: (prompt: Prompt) => Prompt): () => void {
  const { ask } = Prompts.prototype
  Prompts.prototype.ask = function (prompt) {
    return ask.call(this, lie(prompt))
  }
  return () => {
    Prompts.prototype.ask = ask
  }
}

test('A-HK-05 A-SIG-01 a relay that logs in elsewhere gets no signature, also if an accepted host helps it', async () => {
  const app = await enter(relay.url)
  await app.goTo(destination())
  await app.trust()
  await app.sh('true')
  expect(wanted.log()).toContain('method publickey-hostbound-v00@openssh.com')
  expect(wanted.log()).toContain('Accepted publickey')
  await app.runCommand('Close tab')

  way.to = other.port
  const key = wantedKey.blob.toString('base64')
  const swapped = (prompt: Prompt): Prompt => (prompt.kind === 'host-key' ? { ...prompt, key } : prompt)
  const colluding = (prompt: Prompt): Prompt => {
    if (prompt.kind !== 'sign') return swapped(prompt)
    // What the accepted host would sign for the relay: the session with the other.
    const id = Buffer.from(prompt.data, 'base64').subarray(4, 36)
    const hostSignature = remoteKey(wantedKey).sign('ecdsa-sha2-nistp256', id).toString('base64')
    return { ...prompt, exchange: { ...prompt.exchange, hostSignature } }
  }
  for (const lie of [swapped, colluding, swapped]) {
    const before = other.log().length
    const honest = lying(lie)
    await app.goTo(destination())
    await app.page.getByText('would be good at another host than the one whose key you accepted').first().waitFor()
    honest()
    expect(other.log().slice(before)).toContain('Accepted key')
    expect(other.log().slice(before)).not.toContain('Accepted publickey')
    await app.runCommand('Close tab')
  }
  await app.page.getByText('has asked 3 times for signatures').first().waitFor()

  // An honest relay shows whose key it is.
  await app.goTo(destination())
  await app.page.getByRole('alertdialog', { name: /has a different key/ }).waitFor()
})

test('a key is used after a question where the person wants to be asked, and by programs on the host always', async () => {
  const app = await enter(relay.url, way.port, { consent: true, forwardAgent: true })
  const { page } = app
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await app.goTo(destination())
  await app.trust()
  const login = page.getByRole('dialog', { name: 'Log in with Laptop?' })
  await login.waitFor()
  expect(await findings(page)).toEqual([])
  await login.getByRole('button', { name: 'Log in' }).click()
  await app.sh('true')

  await app.type('ssh-add -L > key.pub; echo text | ssh-keygen -Y sign -n git -f key.pub | head -1; rm key.pub\n')
  const agent = page.getByRole('dialog', { name: '127.0.0.1 wants to use a key of yours' })
  await agent.getByText('a Git commit or tag').waitFor()
  expect(await findings(page)).toEqual([])
  await agent.getByRole('button', { name: 'Sign once' }).click()
  await app.waitFor('BEGIN SSH SIGNATURE')

  const elsewhere = `ssh -T -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes`
  await app.type(`${elsewhere} -p ${other.port} ${account.username}@127.0.0.1 echo got-in\n`)
  const alarm = page.getByRole('alertdialog', { name: '127.0.0.1 wants to use a key of yours' })
  await alarm.getByText('that this browser does not know').waitFor()
  await page.setViewportSize({ width: 360, height: 740 })
  expect(await findings(page)).toEqual([])
  await page.setViewportSize({ width: 1200, height: 800 })
  await page.keyboard.press('Enter')
  await app.waitFor('Permission denied')
})

test('A-SIG-04 neither the traffic nor the memory of the relay holds the private key', async () => {
  const state = await mkdtemp(join(tmpdir(), 'fairlead-memory-'))
  const process = await spawnRelay(undefined, '--state', state, '--app', dist, '--port', '0')
  try {
    const page = await browser.context.newPage()
    const sent: Buffer[] = []
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => sent.push(Buffer.from(payload)))
    })
    page.on('request', (request) => sent.push(request.postDataBuffer() ?? Buffer.alloc(0)))
    await page.goto(process.launchUrl)
    const app = new AppPage(page)
    await giveKey(page, process.launchUrl, wanted.port)
    for (let login = 0; login < 3; login++) {
      await app.goTo(`ssh -p ${wanted.port} ${account.username}@127.0.0.1`)
      if (login === 0) await app.trust()
      await app.sh('true')
      await app.runCommand('Close tab')
    }
    const { d = '' } = person.key.export({ format: 'jwk' })
    const raw = Buffer.from(d, 'base64url')
    const secrets = [raw, Buffer.from(raw.toString('hex')), Buffer.from(raw.toString('base64').slice(0, 40))]
    const shown = person.blob.toString('base64')
    const traffic = Buffer.concat(sent)
    expect(traffic.includes(shown)).toBe(true)
    expect(secrets.map((secret) => traffic.includes(secret))).toEqual([false, false, false])
    const found = await findInMemory(process.pid, [Buffer.from(shown), ...secrets])
    expect(found).toEqual([true, false, false, false])
  } finally {
    await process.kill('SIGKILL')
    await rm(state, { recursive: true, force: true })
  }
})
