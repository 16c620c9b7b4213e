import { execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { enter, logIn, type Stage, setStage } from './stage.ts'

let stage: Stage
let page: Page
let app: AppPage
let folder: string
let account: { uid: number; gid: number }

const sh = (line: string) =>
  execFileSync('sh', ['-c', line], {
    cwd: folder,
    ...account,
    env: { ...process.env, HOME: stage.sshd.home },
    encoding: 'utf8',
  })
const row = (name: string) => page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })
const dialog = () => page.locator('dialog[open]')
const closed = () => dialog().waitFor({ state: 'detached' })

/** Reads the list again, and waits until it has what was made meanwhile. */
async function refresh(name: string): Promise<void> {
  await app.runCommand('Refresh files')
  await row(name).waitFor()
}

/** Chooses rows by the mouse, the last with the others. */
async function choose(...names: string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    await row(name)
      .getByText(name, { exact: true })
      .click(index > 0 ? { modifiers: ['Control'] } : {})
  }
}

beforeAll(async () => {
  stage = await setStage()
  folder = mkdtempSync(join(stage.sshd.home, 'actions-'))
  const { uid, gid } = statSync(stage.sshd.home)
  account = { uid, gid }
  chownSync(folder, uid, gid)
  page = (await stage.open()).page
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  app = new AppPage(page)
  await enter(page, stage.address)
  await logIn(page, stage)
  sh('mkdir logs; echo a > notes.txt; echo b > other.txt; for n in 1 2 3; do echo $n > logs/$n.log; done')
  await app.openFiles(folder)
  await row('notes.txt').waitFor()
})

afterAll(async () => {
  await stage?.close()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

test('a file is renamed in its row by F2, told why where it cannot be, and gets its name back', async () => {
  await choose('notes.txt')
  await page.keyboard.press('F2')
  const field = page.getByRole('textbox', { name: 'Name of the file' })
  await field.waitFor()
  // Only the stem is selected.
  await page.keyboard.type('other')
  await expect.poll(() => field.inputValue()).toBe('other.txt')
  await page.keyboard.press('Enter')
  await page.getByText('There is a file of that name already').waitFor()
  await field.fill('a/b')
  await page.keyboard.press('Enter')
  await page.getByText('A name cannot hold a slash').waitFor()
  await field.fill('-rf it’s.txt')
  await page.keyboard.press('Enter')
  await row('-rf it’s.txt').waitFor()
  expect(sh('ls')).toBe('-rf it’s.txt\nlogs\nother.txt\n')
  await page.getByRole('button', { name: 'Undo' }).click()
  await row('notes.txt').waitFor()
  await choose('notes.txt')
  await page.keyboard.press('F2')
  await field.fill('never')
  await page.keyboard.press('Escape')
  await row('notes.txt').waitFor()
  // The keys are the list's again.
  await page.keyboard.press('Home')
  expect(sh('ls')).toBe('logs\nnotes.txt\nother.txt\n')
})

test('a folder is made, and a name that is taken is said to be at the field', async () => {
  await page.locator('.file-grid').focus()
  await page.keyboard.press('F7')
  await dialog().getByLabel('Name').fill('logs')
  await page.keyboard.press('Enter')
  await dialog().getByText('There is a file of that name already').waitFor()
  await dialog().getByLabel('Name').fill('new one')
  await page.keyboard.press('Enter')
  await closed()
  await row('new one').waitFor()
  expect(sh('stat -c %F "new one"')).toBe('directory\n')
})

test('what is deleted goes to the trash and comes back; for good it goes after a question that counts it', async () => {
  await choose('logs', 'other.txt')
  await page.keyboard.press('Delete')
  await page.getByText('Moved 1 file and 1 folder to the trash').waitFor()
  await row('logs').waitFor({ state: 'detached' })
  expect(sh('ls')).toBe('new one\nnotes.txt\n')
  await page.locator('.file-grid').focus()
  await page.keyboard.press('Control+Z')
  await row('logs').waitFor()
  expect(sh('ls; ls logs')).toBe('logs\nnew one\nnotes.txt\nother.txt\n1.log\n2.log\n3.log\n')
  await choose('other.txt')
  await page.keyboard.press('Delete')
  await page.getByText('Moved “other.txt” to the trash').waitFor()
  await app.runCommand('Show the trash of the host')
  await row('other.txt').waitFor()
  await choose('other.txt')
  await app.runCommand('Put back where it was')
  await page.getByText('Put back “other.txt”').waitFor()
  await app.runCommand('Go back')
  await row('other.txt').waitFor()
  expect(sh('cat other.txt; ls ~/.local/share/Trash/info')).toBe('b\n')
  await choose('logs', 'other.txt')
  await page.keyboard.press('Shift+Delete')
  await dialog().getByText('4 files and 1 folder').waitFor()
  expect(
    await dialog()
      .getByRole('button', { name: 'Cancel' })
      .evaluate((one) => one === document.activeElement),
  ).toBe(true)
  await page.keyboard.press('Enter')
  await closed()
  expect(sh('ls logs | wc -l')).toBe('3\n')
  await page.keyboard.press('Shift+Delete')
  await dialog().getByRole('button', { name: 'Delete' }).click()
  await page.getByText('Deleted 4 files and 1 folder').waitFor()
  expect(sh('ls')).toBe('new one\nnotes.txt\n')
})

test('permissions are ticked or typed, and below a folder they are counted before they change', async () => {
  sh('mkdir -p tree/in; touch tree/a tree/in/b; chmod 755 tree tree/in; chmod 644 tree/a tree/in/b notes.txt')
  await refresh('tree')
  await choose('notes.txt')
  await app.runCommand('Change permissions')
  await expect.poll(() => dialog().getByLabel('Octal').inputValue()).toBe('644')
  await dialog().getByRole('checkbox', { name: 'Others: Read' }).uncheck()
  await expect.poll(() => dialog().getByLabel('Octal').inputValue()).toBe('640')
  await dialog().getByLabel('Octal').fill('2750')
  await expect.poll(() => dialog().getByRole('checkbox', { name: 'Set group' }).isChecked()).toBe(true)
  await dialog().getByRole('button', { name: 'Change' }).click()
  await page.getByText('Changed permissions of “notes.txt”').waitFor()
  expect(sh('stat -c %a notes.txt')).toBe('2750\n')
  await choose('tree', 'notes.txt')
  await app.runCommand('Change permissions')
  await dialog().getByLabel('Also of all that is in it').check()
  await dialog().getByRole('group', { name: 'Files' }).getByLabel('Octal').fill('600')
  await dialog().getByRole('group', { name: 'Folders' }).getByLabel('Octal').fill('700')
  await dialog().getByRole('button', { name: 'Count what would change' }).click()
  await dialog().getByText('3 files and 2 folders').waitFor()
  await dialog().getByRole('button', { name: 'Change' }).click()
  await page.getByText('Changed permissions of 3 files and 2 folders').waitFor()
  expect(sh('stat -c "%a %n" notes.txt tree tree/a tree/in tree/in/b')).toBe(
    '600 notes.txt\n700 tree\n600 tree/a\n700 tree/in\n600 tree/in/b\n',
  )
})

test('properties say what there is to know, and the host computes a hash', async () => {
  sh('printf 12345 > hash.me; ln -s nowhere broken; chmod 640 hash.me')
  await refresh('hash.me')
  await choose('hash.me')
  await page.keyboard.press('Alt+Enter')
  await dialog().getByText(`${folder}/hash.me`).waitFor()
  await dialog().getByText('rw-r-----').waitFor()
  await dialog().getByText('5 bytes').waitFor()
  await dialog().getByText('Free there').waitFor()
  await dialog().getByRole('button', { name: 'Compute on the host' }).click()
  await dialog().getByText('5994471abb01112afcc18159f6cc74b4f511b99806da59b3caf5a9c173cacfc5').waitFor()
  await page.keyboard.press('Escape')
  await closed()
  await choose('tree')
  await page.keyboard.press('Alt+Enter')
  await dialog().getByText('2 files and 1 folder').waitFor()
  await dialog().getByRole('button', { name: 'Done' }).click()
  await choose('broken')
  await app.runCommand('Change where the link points')
  await dialog().getByLabel('Points to').fill('hash.me')
  await dialog().getByRole('button', { name: 'Change' }).click()
  await closed()
  expect(sh('cat broken')).toBe('12345')
})

test('a path is copied and typed, and a terminal opens where the files are, without a login', async () => {
  sh(`mkdir "it's & more"`)
  await refresh("it's & more")
  await choose("it's & more")
  await app.runCommand('Copy path for a shell')
  await page.getByText('quoted for a shell').waitFor()
  const quoted = await page.evaluate(() => navigator.clipboard.readText())
  expect(sh(`cd ${quoted}; basename "$PWD"`)).toBe("it's & more\n")
  await app.type('echo ')
  await app.runCommand('Type path into the terminal')
  await app.type('\n')
  await app.waitFor(`${basename(folder)}/it's & more`)
  await choose("it's & more")
  await app.runCommand('Open a terminal here')
  await page.getByRole('tab').nth(1).waitFor()
  await app.waitFor(/^me@web1.*it's & more\$/)
  expect(await dialog().count()).toBe(0)
})
