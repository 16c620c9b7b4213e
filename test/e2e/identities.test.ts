import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../harness/browser.ts'
import { makeSshKey } from '../harness/sshKey.ts'
import { command } from './scenes.ts'
import { enter, logIn, type Stage, setStage, waitForScreen } from './stage.ts'

const run = promisify(execFile)
const passphrase = 'open sesame'
const passkeyAlgorithm = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com'

/** Keys of the page as a person meets them, against OpenSSH's sshd with its own strictness about files. */
describe('keys that stay in the browser', () => {
  let stage: Stage
  let page: Page
  let dir: string
  /** Everything that the page has sent to a relay. */
  const sent: (string | Buffer)[] = []
  const file = () => join(stage.sshd.home, '.ssh/authorized_keys')
  const accepted = () => stage.sshd.log().match(/Accepted \w+ for/g)?.length ?? 0

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'fairlead-identities-'))
    stage = await setStage([
      'AuthorizedKeysFile .ssh/authorized_keys',
      'StrictModes yes',
      `PubkeyAcceptedAlgorithms +${passkeyAlgorithm}`,
      'LogLevel DEBUG',
    ])
    await rm(join(stage.sshd.home, '.ssh'), { recursive: true, force: true })
    page = (await stage.open()).page
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(payload)))
    await enter(page, stage.address)
  })
  afterAll(async () => {
    await rm(join(stage.sshd.home, '.ssh'), { recursive: true, force: true })
    await rm(dir, { recursive: true, force: true })
    await stage.close()
  })

  const dialog = (name: string | RegExp) => page.getByRole('dialog', { name })
  const done = () => page.locator('dialog[open]').waitFor({ state: 'detached' })
  const open = async () => {
    await page.keyboard.press('Control+Shift+Enter')
    await page
      .locator('.home-panel:not([hidden]) .home-ask input')
      .fill(`ssh -p ${stage.sshd.port} ${stage.sshd.username}@web1.lan`)
    await page.keyboard.press('Enter')
    await page.locator('.home-panel').waitFor({ state: 'hidden' })
  }

  it('a key is made, installed after a login by password, and logs in from then on', async () => {
    await logIn(page, stage)
    await command(page, 'New SSH key')
    await page.getByLabel('Name').fill('Laptop')
    await page.getByRole('button', { name: 'Make the key' }).click()
    await dialog('Key Laptop').waitFor()
    const line = (await page.locator('.key-line').textContent()) ?? ''
    await writeFile(join(dir, 'laptop.pub'), `${line}\n`)
    const { stdout } = await run('ssh-keygen', ['-lf', join(dir, 'laptop.pub')])
    expect(stdout).toMatch(/^256 SHA256:\S+ Laptop \(ED25519\)/)
    await expect.poll(() => page.locator('.fingerprint .quiet').textContent()).toBe(stdout.split(' ')[1])

    await page.getByRole('button', { name: 'Install on web1.lan' }).click()
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    await dialog('The key is installed').waitFor()
    expect(await readFile(file(), 'utf8')).toBe(`${line}\n`)
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    await page.getByRole('button', { name: 'Log in with this key' }).click()
    await done()

    await command(page, 'Close tab')
    await open()
    await waitForScreen(page, 'me@web1')
    await until(() => stage.sshd.log().includes('Accepted publickey for'))
    expect(stage.sshd.log()).toContain(stdout.split(' ')[1])
  })

  it('installing it again adds nothing and says so', async () => {
    const before = await readFile(file(), 'utf8')
    await command(page, 'Install a key on this host')
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    await dialog('The key was there already').waitFor()
    expect(await readFile(file(), 'utf8')).toBe(before)
    await page.getByRole('button', { name: 'Done' }).click()
    await done()
  })

  it('A-SIG-04 an encrypted key file is opened in the browser, logs in, and never goes to the relay', async () => {
    const key = await makeSshKey(join(dir, 'work'))
    await writeFile(file(), `${key.public}\n`)
    await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', passphrase, '-f', key.file])
    await command(page, 'Edit host')
    await page.getByLabel('Log in with').selectOption({ label: 'Ask each time' })
    await page.getByRole('button', { name: 'Save' }).click()
    await done()
    await command(page, 'Close tab')
    sent.length = 0
    await open()
    await dialog('Log in to web1.lan').waitFor()
    await page.getByRole('radio', { name: 'Key file' }).check()
    await page.getByLabel('File of a key').setInputFiles(key.file)
    await page.getByLabel('Passphrase').fill('not it')
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
    await page.getByText('The passphrase does not open this key file').waitFor()
    await page.getByLabel('Passphrase').fill(passphrase)
    await page.getByRole('button', { name: 'Log in', exact: true }).click()
    await done()
    await waitForScreen(page, 'me@web1')
    const whole = sent.map(String).join('\n')
    expect(whole).toContain(key.blob.toString('base64'))
    expect(whole).not.toContain('PRIVATE KEY')
    expect(whole).not.toContain(passphrase)
    const bodies = [key.private, await readFile(key.file, 'utf8')].map((text) => text.split('\n')[3] ?? '-')
    for (const body of bodies) expect(whole).not.toContain(body)
  })

  it('a kept key is one click in the login prompt, and is removed for good', async () => {
    await command(page, 'Edit host')
    await page.getByLabel('Log in with').selectOption({ label: 'Ask each time' })
    await page.getByRole('button', { name: 'Save' }).click()
    await done()
    await command(page, 'Close tab')
    const before = accepted()
    await open()
    await dialog('Log in to web1.lan').getByRole('button', { name: 'test ED25519' }).click()
    await done()
    await waitForScreen(page, 'me@web1')
    await until(() => accepted() > before)

    await command(page, 'Keys and passwords')
    await page.getByRole('button', { name: /^test/ }).click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('will ask how to log in').waitFor()
    await page.getByRole('button', { name: 'Remove this key' }).click()
    await page.getByRole('button', { name: /^Laptop/ }).waitFor()
    expect(await page.getByRole('button', { name: /^test/ }).count()).toBe(0)
  })

  it('a passkey of the page logs in, after a click', async () => {
    // Browsers bind passkeys to names, and to this one for a page of this machine.
    const { page, context } = await stage.open()
    const cdp = await context.newCDPSession(page)
    await cdp.send('WebAuthn.enable')
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    await enter(page, stage.address.replace('127.0.0.1', 'localhost'))
    await logIn(page, stage)
    await command(page, 'New SSH key')
    await page.getByLabel('Name').fill('Finger')
    await page.getByLabel('Kind').selectOption('passkey')
    await page.getByText(`PubkeyAcceptedAlgorithms +${passkeyAlgorithm}`).waitFor()
    await page.getByRole('button', { name: 'Make the key' }).click()
    await page.getByRole('button', { name: /^Install on/ }).click()
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    await page.getByRole('button', { name: 'Log in with this key' }).click()
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
    await command(page, 'Close tab')
    await page
      .locator('.home-panel:not([hidden]) .home-ask input')
      .fill(`ssh -p ${stage.sshd.port} ${stage.sshd.username}@web1.lan`)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Log in with Finger?' }).getByRole('button', { name: 'Log in' }).click()
    await waitForScreen(page, 'me@web1')
    await until(() => /Accepted publickey for .*: ECDSA-SK SHA256:/.test(stage.sshd.log()))
    expect(stage.sshd.log()).toContain(`pkalg ${passkeyAlgorithm}`)
    await context.close()
  })
})
