import type { Page } from 'playwright-core'
import { command, dismiss } from './scenes.ts'

const passphrase = 'four words to remember'

/** A vault, from its making to its removal. */
export async function* vault(page: Page): AsyncGenerator<string> {
  await command(page, 'Set up a vault')
  const making = page.getByRole('dialog', { name: 'Set up a vault' })
  await making.getByLabel('Passphrase', { exact: true }).fill(passphrase)
  await making.getByLabel('The same again').fill(passphrase)
  await making.getByRole('button', { name: 'Set up' }).click()
  const keeping = page.getByRole('dialog', { name: 'Keep the recovery code' })
  await keeping.waitFor()
  // A code that is another each time makes a picture that is.
  await keeping.getByRole('status').evaluate((code) => {
    code.textContent = (code.textContent ?? '').replaceAll(/[A-Z0-9]/g, 'X')
  })
  yield 'vault-recovery-code'
  await keeping.getByRole('checkbox', { name: 'I have kept it' }).check()
  await keeping.getByRole('button', { name: 'Done' }).click()
  await keeping.waitFor({ state: 'detached' })
  await command(page, 'Vault')
  const sheet = page.getByRole('dialog', { name: 'Vault', exact: true })
  await sheet.getByText('Open, in all windows').waitFor()
  yield 'vault'
  await dismiss(page)
  await command(page, 'Export a backup')
  await page.getByRole('dialog', { name: 'Export a backup' }).waitFor()
  yield 'export'
  await dismiss(page)
  await command(page, 'Lock the vault')
  await command(page, 'Unlock the vault')
  const asking = page.getByRole('dialog', { name: 'Unlock the vault' })
  await asking.waitFor()
  yield 'vault-unlock'
  await asking.getByLabel('Passphrase').fill(passphrase)
  await asking.getByRole('button', { name: 'Unlock', exact: true }).click()
  await asking.waitFor({ state: 'detached' })
  await command(page, 'Remove the vault')
  const removing = page.getByRole('alertdialog', { name: 'Remove the vault?' })
  await removing.waitFor()
  yield 'vault-remove'
  await removing.getByRole('checkbox').check()
  await removing.getByRole('button', { name: 'Remove it' }).click()
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
}
