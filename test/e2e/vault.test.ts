import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { type Chromium, startChromium, startChromiumExtension } from '../harness/chromium.ts'
import { records } from '../harness/records.ts'
import { canaries, startTestRelay, type TestRelay } from '../harness/relay.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))
const passphrase = 'four random words here'

let relay: TestRelay
let browser: Chromium
let app: AppPage

beforeAll(async () => {
  relay = await startTestRelay({ app: dist, host: true }, { password: canaries.password })
})

afterAll(() => relay?.close())

/** Passkeys want a name, not an address. */
const address = () => relay.launchUrl.replace('127.0.0.1', 'localhost')

beforeEach(async () => {
  browser = await startChromium()
  app = await enter()
})

afterEach(async ({ task }) => {
  const { errors } = browser
  if (task.result?.state === 'fail') await app.page.screenshot({ path: `test/output/${task.name.slice(0, 40)}.png` })
  await browser.close()
  expect(errors).toEqual([])
})

async function enter(): Promise<AppPage> {
  const page = await browser.open(address())
  await page.getByRole('button', { name: 'This machine' }).waitFor()
  return new AppPage(page)
}

const dialog = (page: Page, name: string) => page.getByRole('dialog', { name })
const status = (page: Page, state: 'open' | 'locked') => page.getByRole('button', { name: `Vault ${state}` })

/** Sets the vault up as a person does; gives the recovery code. */
async function setUp({ page }: AppPage): Promise<string> {
  const making = dialog(page, 'Set up a vault')
  await making.getByLabel('Passphrase', { exact: true }).fill(passphrase)
  await making.getByLabel('The same again').fill(passphrase)
  await making.getByRole('button', { name: 'Set up' }).click()
  const keeping = dialog(page, 'Keep the recovery code')
  const code = (await keeping.getByRole('status').textContent()) ?? ''
  await page.keyboard.press('Escape')
  await expect.poll(() => keeping.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true)
  await keeping.getByRole('checkbox', { name: 'I have kept it' }).check()
  await keeping.getByRole('button', { name: 'Done' }).click()
  await keeping.waitFor({ state: 'detached' })
  return code
}

async function unlock(page: Page, typed: string): Promise<void> {
  const asking = dialog(page, 'Unlock the vault')
  await asking.getByLabel('Passphrase').fill(typed)
  await asking.getByRole('button', { name: 'Unlock', exact: true }).click()
}

/** C-VLT-04: a passkey opens the vault, and one that computes no secrets is refused. */
async function tryPasskeys(app: AppPage): Promise<void> {
  const { page } = app
  const cdp = await browser.context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const authenticator = (hasPrf: boolean) =>
    cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        hasPrf,
        automaticPresenceSimulation: true,
      },
    })
  const add = async () => {
    await app.runCommand('Add a passkey to the vault')
    const adding = dialog(page, 'Add a passkey')
    await adding.getByLabel('Passphrase of the vault').fill(passphrase)
    await adding.getByLabel('Name').fill('This laptop')
    await adding.getByRole('button', { name: 'Add a passkey' }).click()
  }
  const { authenticatorId } = await authenticator(false)
  await add()
  await page.getByText('This passkey cannot compute secrets').waitFor()
  await page.keyboard.press('Escape')
  await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
  await authenticator(true)
  await add()
  await dialog(page, 'Vault').getByText('Passkey for localhost').waitFor()
  await dialog(page, 'Vault').getByRole('button', { name: 'Lock' }).click()
  await dialog(page, 'Vault').getByRole('button', { name: 'Unlock' }).click()
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await dialog(page, 'Unlock the vault').waitFor({ state: 'detached' })
  await dialog(page, 'Vault').getByText('Open, in all windows').waitFor()
  await dialog(page, 'Vault').getByRole('button', { name: 'Remove This laptop' }).click()
  await dialog(page, 'Vault').getByText('Passkey for localhost').waitFor({ state: 'detached' })
  await dialog(page, 'Vault').getByRole('button', { name: 'Done' }).click()
}

test('C-VLT-02 C-VLT-04 a vault is set up, seals, is locked by a reload, and opens and locks in all windows at once', async () => {
  const { page } = app
  await app.runCommand('Set up a vault')
  const code = await setUp(app)
  expect(code).toMatch(/^([0-9A-Z]{4}-){6}[0-9A-Z]{4}$/)
  await status(page, 'open').waitFor()
  await tryPasskeys(app)

  await app.runCommand('Vault')
  await dialog(page, 'Vault').getByRole('checkbox', { name: 'Keep the logins to relays in the vault' }).check()
  await expect
    .poll(async () => (await records(page, 'endpoints')).map((one) => [typeof one.token, typeof one.sealedToken]))
    .toEqual([['undefined', 'object']])
  await dialog(page, 'Vault').getByRole('button', { name: 'Done' }).click()

  await page.goto(address().replace(/#.*/, ''))
  await page.getByText('The login to this relay is in the vault').waitFor()
  await status(page, 'locked').click()
  await unlock(page, 'not the passphrase')
  await page.getByText('That does not open the vault').waitFor()
  await unlock(page, passphrase)
  await page.getByRole('button', { name: 'This machine' }).waitFor()
  expect(await dialog(page, 'Unlock the vault').count()).toBe(0)

  const other = await browser.open(address().replace(/#.*/, ''))
  await status(other, 'open').waitFor()
  await app.runCommand('Change the passphrase of the vault')
  const changing = dialog(page, 'Change the passphrase')
  await changing.getByLabel('Passphrase of the vault').fill(passphrase)
  await changing.getByLabel('New passphrase').fill('some other words')
  await status(other, 'open').click()
  await status(page, 'locked').waitFor()
  expect(
    await changing.locator('input').evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value)),
  ).toEqual(['', '', ''])
  await changing.getByRole('button', { name: 'Cancel' }).click()

  await new AppPage(other).runCommand('Unlock the vault')
  await dialog(other, 'Unlock the vault').getByRole('button', { name: 'Forgotten?' }).click()
  const recovering = dialog(other, 'Unlock with the recovery code')
  await recovering.getByLabel('Recovery code').fill(code.toLowerCase().replaceAll('-', ' '))
  await recovering.getByLabel('New passphrase').fill('some other words')
  await recovering.getByLabel('The same again').fill('some other words')
  await recovering.getByRole('button', { name: 'Unlock', exact: true }).click()
  await status(page, 'open').waitFor()
  await status(other, 'open').waitFor()

  await app.runCommand('Vault')
  await dialog(page, 'Vault')
    .getByRole('checkbox', { name: /^Cover terminals/ })
    .check()
  await dialog(page, 'Vault').getByRole('button', { name: 'Done' }).click()
  await status(page, 'open').click()
  await dialog(other, 'Unlock the vault').waitFor()
  await page.keyboard.press('Escape')
  expect(await dialog(page, 'Unlock the vault').getByRole('button', { name: 'Cancel' }).count()).toBe(0)
  await unlock(page, 'some other words')
  await dialog(other, 'Unlock the vault').waitFor({ state: 'detached' })

  await other.close()
  await app.runCommand('Remove the vault')
  const removing = page.getByRole('alertdialog', { name: 'Remove the vault?' })
  await removing.getByText('1 login to a relay').waitFor()
  await removing.getByRole('checkbox').check()
  await removing.getByRole('button', { name: 'Remove it' }).click()
  await removing.waitFor({ state: 'detached' })
  expect(await records(page, 'vaults')).toEqual([])
  expect((await records(page, 'endpoints')).map((one) => one.sealedToken)).toEqual([undefined])
})

test('a backup of one browser is taken in by another, which is told first what differs', async () => {
  const { page } = app
  const save = async (one: AppPage, destination: string, name: string) => {
    await one.goTo(destination)
    await one.page.getByRole('button', { name: 'Cancel' }).or(one.page.locator('.failure')).first().waitFor()
    await one.runCommand('Save host')
    await one.runCommand('Edit host')
    await dialog(one.page, 'Edit host').getByLabel('Name').fill(name)
    await dialog(one.page, 'Edit host').getByRole('button', { name: 'Save' }).click()
    await one.runCommand('Close tab')
  }
  await save(app, 'me@127.0.0.1:1', 'Web server')
  await save(app, 'me@127.0.0.1:2', 'Database')
  await app.runCommand('Export a backup')
  const exporting = dialog(page, 'Export a backup')
  await exporting.getByLabel('Passphrase of the backup').fill('words for the backup')
  await exporting.getByLabel('The same again').fill('words for the backup')
  const download = page.waitForEvent('download')
  await exporting.getByRole('button', { name: 'Export', exact: true }).click()
  const file = await (await download).path()
  const text = await readFile(file, 'utf8')
  expect(text).not.toMatch(/127\.0\.0\.1|Web server/)
  await exporting.waitFor({ state: 'detached' })

  const first = browser
  browser = await startChromium()
  try {
    app = await enter()
    await save(app, 'me@127.0.0.1:2', 'My own name for it')
    await app.runCommand('Import a backup')
    const importing = dialog(app.page, 'Import a backup')
    const choose = (name: string, buffer: Buffer) =>
      importing.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/json', buffer })
    await choose('photo.jpg', Buffer.from([0xff, 0xd8, 0xff]))
    await importing.getByText('This file is no backup').waitFor()
    await choose('backup.json', Buffer.from(text))
    await importing.getByLabel('Passphrase of the backup').fill('not these words')
    await importing.getByRole('button', { name: 'Open', exact: true }).click()
    await importing.getByText('That does not open the backup').waitFor()
    await importing.getByLabel('Passphrase of the backup').fill('words for the backup')
    await importing.getByRole('button', { name: 'Open', exact: true }).click()
    const merging = dialog(app.page, 'Backup of today')
    await merging.getByText('New here: 1 host.').waitFor()
    await merging.getByText('Here: My own name for it, me@127.0.0.1:2. In the backup: Database').waitFor()
    expect((await records(app.page, 'hosts')).map(({ label }) => label)).toEqual(['My own name for it'])
    await merging.getByRole('button', { name: 'Import' }).click()
    await merging.waitFor({ state: 'detached' })
    const labels = (await records(app.page, 'hosts')).map(({ label }) => label)
    expect(labels.toSorted()).toEqual(['My own name for it', 'Web server'])
  } finally {
    expect(first.errors).toEqual([])
    await first.close()
  }
})

test('C-CSP-01 the extension may compute Argon2id as well, in a worker of its own', async () => {
  const extension = await startChromiumExtension()
  try {
    const inside = new AppPage(await extension.open(`${extension.origin}/app.html`))
    await inside.runCommand('Set up a vault')
    await setUp(inside)
    await inside.runCommand('Lock the vault')
    await status(inside.page, 'locked').click()
    await unlock(inside.page, passphrase)
    await status(inside.page, 'open').waitFor()
    expect(await records(inside.page, 'vaults')).toMatchObject([{ passphrase: { kdf: { name: 'argon2id' } } }])
    expect(extension.errors).toEqual([])
  } finally {
    await extension.close()
  }
})
