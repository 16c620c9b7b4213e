import type { Page } from 'playwright-core'
import { command } from './scenes.ts'

async function dismiss(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
}

async function choose(page: Page, ...names: string[]): Promise<void> {
  const list = page.locator('.files-pane .file-body')
  for (const [index, name] of names.entries()) {
    await list
      .getByText(name, { exact: true })
      .first()
      .click(index > 0 ? { modifiers: ['Control'] } : {})
  }
}

/** What is done with files: the pane shows the stage's site. What the last of them does is taken back. */
export async function* fileDialogs(page: Page): AsyncGenerator<string> {
  await choose(page, 'package.json')
  await command(page, 'Rename file')
  const field = page.getByRole('textbox', { name: 'Name of the file' })
  await field.fill('README.md')
  await field.press('Enter')
  await page.getByText('There is a file of that name already').waitFor()
  yield 'file-rename'
  // Another device draws the list anew, and what was typed is gone with its row.
  if (await field.isVisible()) await field.press('Escape')
  for (const [title, name, shows] of [
    ['New folder', 'new-folder', 'Name'],
    ['Change owner', 'file-owner', 'Owner'],
    ['Change times', 'file-times', 'Changed'],
    ['New link', 'new-link', 'Points to'],
  ] as const) {
    await choose(page, 'package.json')
    await command(page, title)
    await page.locator('dialog[open]').getByLabel(shows, { exact: true }).waitFor()
    yield name
    await dismiss(page)
  }
  await choose(page, 'package.json')
  await command(page, 'Properties')
  await page.locator('dialog[open]').getByText('Free there').waitFor()
  yield 'file-properties'
  await dismiss(page)
  await choose(page, 'releases', 'README.md')
  await command(page, 'Change permissions')
  await page.getByLabel('Also of all that is in it').check()
  yield 'file-modes'
  await dismiss(page)
  await choose(page, 'releases')
  await command(page, 'Delete for good')
  await page.getByText('This cannot be undone').waitFor()
  yield 'delete-question'
  await dismiss(page)
  await choose(page, 'README.md')
  await command(page, 'Change owner')
  await page.getByLabel('Owner', { exact: true }).fill('0')
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await page.getByRole('dialog', { name: 'It could not be done' }).waitFor()
  yield 'file-problems'
  await dismiss(page)
  await choose(page, 'README.md')
  await command(page, 'Move to trash')
  await page.getByRole('button', { name: 'Undo' }).waitFor()
  yield 'file-undo'
  await command(page, 'Undo the last change to files')
  await page.locator('.file-body').getByText('README.md', { exact: true }).waitFor()
  await choose(page, 'package.json')
}
