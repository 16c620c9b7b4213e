import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blobOf } from '../harness/blob.ts'
import { makeSshKey, type SshKey } from '../harness/sshKey.ts'
import { command } from './scenes.ts'
import { enter, logIn, type Stage, setStage } from './stage.ts'

let dir: string
let second: SshKey
let stage: Stage

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-known-'))
  second = await makeSshKey(join(dir, 'ecdsa'), 'ecdsa', 256)
  stage = await setStage([`HostKey ${second.file}`])
})

afterAll(async () => {
  await stage.close()
  await rm(dir, { recursive: true })
})

async function ask(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Control+Shift+Enter')
  await page.locator('.home-panel:not([hidden]) .home-ask input').fill(text)
  await page.keyboard.press('Enter')
}

async function read(page: Page, text: string): Promise<void> {
  await command(page, 'Import known hosts')
  await page.getByRole('textbox', { name: 'Lines of known_hosts' }).fill(text)
}

const done = (page: Page) => page.locator('dialog[open]').waitFor({ state: 'detached' })

test('known hosts: kept, found, read in, saved, known under another name, changed, revoked', async () => {
  const { sshd } = stage
  const { page } = await stage.open()
  await enter(page, stage.address)
  await logIn(page, stage)
  const name = `[web1.lan]:${sshd.port}`
  await page.getByText('web1.lan has announced 1 more host key, says relay').waitFor()

  await command(page, 'Known hosts')
  const sheet = page.getByRole('dialog', { name: 'Known hosts' })
  const fingerprint = (await promisify(execFile)('ssh-keygen', ['-lf', second.file])).stdout.split(' ')[1] ?? ''
  await sheet.getByText(fingerprint).waitFor()
  await expect
    .poll(() => sheet.locator('.known-key').allInnerTexts())
    .toEqual([
      expect.stringMatching(/^ED25519 since .* through relay/),
      expect.stringMatching(/^ECDSA P-256 announced .* asked about when it is first shown/),
    ])
  await sheet.getByRole('button', { name: 'Done' }).click()

  const [known, other] = [sshd.hostKey, blobOf('ssh-ed25519', 'other')]
  const hosts = Array.from({ length: 6 }, (_, at) => `db${at}.example ssh-ed25519 ${other} from the rack`)
  const lines = [`${name} ssh-ed25519 ${known}`, `${name} ssh-ed25519 ${other}`, 'not a line', '# said', ...hosts]
  await read(page, lines.join('\n'))
  const found = page.getByRole('dialog', { name: 'Import known hosts' })
  await found.getByText('6 new keys').waitFor()
  await found.getByText('1 host known by another key').waitFor()
  await found.getByText('1 key known already').waitFor()
  await found.getByText('Line 3: The key is not a whole public key.').waitFor()
  expect(await found.getByRole('checkbox').isChecked()).toBe(false)
  await found.getByRole('button', { name: 'Take in 6 keys' }).click()
  await sheet.getByText('db3.example').waitFor()
  await sheet.getByLabel('Find by name').fill('rack DB4')
  await expect.poll(() => sheet.locator('.known-host b').allInnerTexts()).toEqual(['db4.example'])

  const saving = page.waitForEvent('download')
  await sheet.getByRole('button', { name: 'Export' }).click()
  const saved = await readFile(await (await saving).path(), 'utf8')
  expect(saved).toBe([`${name} ssh-ed25519 ${known}`, ...hosts, ''].join('\n'))
  await sheet.getByRole('button', { name: 'Forget db4.example' }).click()
  await sheet.getByText('None of 6 fits').waitFor()
  await sheet.getByRole('button', { name: 'Done' }).click()

  await ask(page, `ssh -p ${sshd.port} ${sshd.username}@web2.lan`)
  const first = page.getByRole('dialog', { name: 'First time on web2.lan' })
  await first.getByText(`The very same key is known for ${name}.`).waitFor()
  await first.getByText(/^\d+ s to answer$/).waitFor()
  await page.keyboard.press('Escape')
  await done(page)

  await read(page, `${name} ssh-ed25519 ${other}`)
  await found.getByRole('checkbox').check()
  await found.getByRole('button', { name: 'Take in 1 key' }).click()
  await sheet.getByRole('button', { name: 'Done' }).click()
  await command(page, 'Close tab')
  await command(page, 'Close tab')
  await ask(page, `ssh -p ${sshd.port} ${sshd.username}@WEB1.lan.`)
  const changed = page.getByRole('alertdialog', { name: /has a different key/ })
  await changed.getByText('from a file since').waitFor()
  await expect.poll(() => changed.getByRole('button').allInnerTexts()).toEqual(['Forget the old key…', 'Disconnect'])
  // What is pressed without a look leads away.
  await page.keyboard.press('Enter')
  await done(page)
  await page.getByText('The host key was not accepted').waitFor()

  await command(page, 'Known hosts')
  await sheet.getByRole('button', { name: `Forget ${name}` }).click()
  await sheet.getByRole('button', { name: 'Done' }).click()
  await read(page, `@revoked *.lan,[*.lan]:* ssh-ed25519 ${known} lost`)
  await found.getByRole('button', { name: 'Take in 1 key' }).click()
  await sheet.getByText('Revoked: never to be trusted').waitFor()
  await sheet.getByRole('button', { name: 'Done' }).click()
  await command(page, 'Close tab')
  await ask(page, `ssh -p ${sshd.port} ${sshd.username}@web3.lan`)
  const revoked = page.getByRole('alertdialog', { name: 'web3.lan shows a revoked key' })
  await revoked.waitFor()
  await expect.poll(() => revoked.getByRole('button').allInnerTexts()).toEqual(['Disconnect'])
  await page.keyboard.press('Enter')
  await done(page)
  expect(sshd.log()).not.toMatch(/Failed password/)
})
