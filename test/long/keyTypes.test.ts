import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stage, setStage } from '../e2e/stage.ts'
import { AppPage } from '../harness/app.ts'
import { type Firefox, keys, startFirefox } from '../harness/firefox.ts'
import { account, type Sshd, startSshd } from '../harness/sshd.ts'
import { makeSshKey } from '../harness/sshKey.ts'

/** Each kind of key that a person may bring, and the algorithm by which the browser is to sign with it. */
const kinds = [
  { name: 'ed25519', type: 'ed25519', algorithm: 'ssh-ed25519' },
  { name: 'p256', type: 'ecdsa', bits: 256, algorithm: 'ecdsa-sha2-nistp256' },
  { name: 'p384', type: 'ecdsa', bits: 384, algorithm: 'ecdsa-sha2-nistp384' },
  { name: 'p521', type: 'ecdsa', bits: 521, algorithm: 'ecdsa-sha2-nistp521' },
  { name: 'rsa', type: 'rsa', bits: 3072, algorithm: 'rsa-sha2-512' },
  { name: 'certified', type: 'ed25519', algorithm: 'ssh-ed25519-cert-v01@openssh.com' },
] as const

const built = fileURLToPath(new URL('../../dist/pwa', import.meta.url))

let dir: string
let sshd: Sshd
let stage: Stage
let firefox: Firefox

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-kinds-'))
  const ca = await makeSshKey(join(dir, 'ca'))
  const lines: string[] = []
  for (const { name, type, ...rest } of kinds) {
    const key = await makeSshKey(join(dir, name), type, 'bits' in rest ? rest.bits : undefined)
    if (name !== 'certified') lines.push(key.public)
  }
  await promisify(execFile)('ssh-keygen', [
    ...['-q', '-s', ca.file, '-I', 'test', '-n', account.username, join(dir, 'certified.pub')],
  ])
  await writeFile(join(dir, 'authorized_keys'), `${lines.join('\n')}\n`, { mode: 0o644 })
  await chmod(dir, 0o755)
  sshd = await startSshd([
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    `TrustedUserCAKeys ${ca.file}.pub`,
    'PasswordAuthentication no',
    'LogLevel DEBUG',
  ])
  ;[stage, firefox] = await Promise.all([setStage(), startFirefox()])
})

afterAll(async () => {
  await Promise.all([stage?.close(), firefox?.close(), sshd?.close()])
  await rm(dir, { recursive: true, force: true })
})

/** The algorithms by which sshd let somebody in, in order. */
function accepted(): string[] {
  const signed = sshd
    .log()
    .matchAll(/userauth_pubkey: (?:publickey|public key) .*?pkalg (\S+) .*|Accepted publickey for/g)
  const all: string[] = []
  let last = ''
  for (const [line, algorithm] of signed) {
    if (algorithm) last = algorithm
    else if (line.startsWith('Accepted')) all.push(last)
  }
  return all
}

const expected = kinds.map(({ algorithm }) => algorithm)

/** The private half of a key, and its certificate where it has one. */
const files = (name: string) =>
  name === 'certified' ? [join(dir, name), join(dir, 'certified-cert.pub')] : [join(dir, name)]

test('a key of every type and a certificate log in from Chromium, by the algorithm that is right', async () => {
  const relay = await stage.startRelay({})
  const { page } = await stage.open()
  await page.goto(relay.url)
  const app = new AppPage(page)
  const before = accepted().length
  for (const { name } of kinds) {
    await app.goTo(`ssh -p ${sshd.port} ${sshd.username}@127.0.0.1`)
    if (name === 'ed25519') await app.trust()
    await logIn(page, files(name))
    await app.waitFor('$')
    // While its connection is there, another shell would need no login.
    await app.type('exit\n')
    await page.getByRole('button', { name: /Open a new shell/ }).waitFor()
    await app.runCommand('Close tab')
  }
  expect(accepted().slice(before)).toEqual(expected)
})

async function logIn(page: Page, chosen: string[]): Promise<void> {
  const dialog = page.getByRole('dialog', { name: /^Log in to / })
  await dialog.locator('input[type=file]').setInputFiles(chosen)
  await dialog.getByRole('checkbox', { name: 'Keep it in this browser for this host' }).uncheck()
  await dialog.getByRole('button', { name: 'Log in' }).click()
}

test('a key of every type and a certificate log in from Firefox, by the algorithm that is right', async () => {
  const relay = await stage.startRelay({ app: built })
  await firefox.goto(relay.url)
  const press = (name: string) =>
    firefox.clickFound(
      `return [...document.querySelectorAll('button')].findLast((one) => !one.disabled && one.checkVisibility() && (one.getAttribute('aria-label') ?? one.textContent).trim().startsWith(arguments[0]))`,
      name,
    )
  const home = '.home-panel:not([hidden]) .home-ask input'
  const shown = '.tab-panel:not([hidden])'
  const before = accepted().length
  for (const { name } of kinds) {
    await firefox.until(`return document.querySelector('${home}')`)
    await firefox.type(home, `ssh -p ${sshd.port} ${sshd.username}@127.0.0.1`)
    await firefox.until(`return !document.querySelector('.home-go').disabled`)
    await firefox.type(home, keys.enter)
    if (name === 'ed25519') await press('Trust and connect')
    for (const file of files(name)) await firefox.type('dialog[open] input[type=file]', file)
    await firefox.until(
      `const keep = document.querySelector('dialog[open] input[type=checkbox]')
       if (keep?.checked) keep.click()
       return keep && !keep.checked`,
    )
    await press('Log in')
    await firefox.until(`return document.querySelector('${shown} .xterm-rows')?.textContent.includes('$')`)
    await firefox.type(`${shown} .terminal-place textarea`, `exit${keys.enter}`)
    await firefox.until(`return document.body.innerText.includes('Open a new shell')`)
    await press('New tab')
  }
  expect(accepted().slice(before)).toEqual(expected)
})
