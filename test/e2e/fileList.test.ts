import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { enter, logIn, type Stage, setStage } from './stage.ts'

const run = promisify(execFile)
/** What comes comes; a busy machine takes longer. */
const patient = { timeout: 20_000 }
let stage: Stage
let page: Page
let app: AppPage
let list: string
let many: string

beforeAll(async () => {
  stage = await setStage()
  const { home, username } = stage.sshd
  // The home of the account outlives the test.
  list = join(home, 'file-list')
  many = join(home, 'file-list-many')
  await tidy()
  await mkdir(join(list, 'docs'), { recursive: true })
  await mkdir(join(list, 'download'))
  for (const name of ['a.txt', 'b.txt', 'c.txt', 'd.log', 'new\nline', 'x\u202egpj.exe']) {
    await writeFile(join(list, name), `this is ${name}`)
  }
  await writeFile(Buffer.concat([Buffer.from(`${list}/z-bad-`), Buffer.from([0xff])]), '')
  await symlink('docs', join(list, 'to-docs'))
  await symlink('nothing', join(list, 'to-nothing'))
  await mkdir(many)
  await run('bash', ['-c', 'cd "$1" && seq -f %05g.dat 20000 | xargs touch', '-', many])
  await run('chown', ['-R', `${username}:`, home])
  ;({ page } = await stage.open())
  app = new AppPage(page)
  await enter(page, stage.address)
  await logIn(page, stage)
})

afterAll(async () => {
  await stage?.close()
  await tidy()
})

const tidy = () => Promise.all([list, many].map((path) => rm(path, { recursive: true, force: true })))

const pane = () => page.locator('.tab-panel:not([hidden]) .files-pane:not(.beside)')
const row = (name: string, within: Locator = pane()) =>
  within
    .locator('.file-body .file-row')
    .filter({ has: page.locator('.file-label', { hasText: new RegExp(`^${name}$`) }) })
const selected = (within = pane()) =>
  within.locator('.file-body .file-row[aria-selected=true] .file-label').allTextContents()
const foot = (within = pane()) => within.locator('.files-foot [role=status]')

/** Waits until the pane shows a directory, by the last part of its path. */
async function at(name: string, within = pane()): Promise<void> {
  await within.locator('.path-bar [aria-current]', { hasText: new RegExp(`^${name}$`) }).waitFor()
}

test('the list is moved in and selected from by mouse and by keys, and says what is selected', async () => {
  await app.openFiles(list)
  await at('file-list')
  await row('a.txt').click()
  await row('c.txt').click({ modifiers: ['Shift'] })
  await expect.poll(() => selected()).toEqual(['a.txt', 'b.txt', 'c.txt'])
  await row('b.txt').click({ modifiers: ['Control'] })
  await expect.poll(() => foot().textContent()).toBe('2 of 11 selected · 26 B')
  await row('docs').click({ modifiers: ['Control'] })
  await expect.poll(() => foot().textContent()).toContain('1 folder')

  await page.keyboard.press('Escape')
  await expect.poll(() => selected()).toEqual([])
  await page.keyboard.press('Home')
  await page.keyboard.press('Shift+ArrowDown')
  await expect.poll(() => selected()).toEqual(['docs', 'download'])
  await page.keyboard.press('Control+ArrowDown')
  await page.keyboard.press('Space')
  await expect.poll(() => selected()).toEqual(['docs', 'download', 'a.txt'])
  await page.keyboard.press('Control+a')
  expect((await selected()).length).toBe(11)

  // A frame that is drawn from the empty space below selects what it touches.
  const last = await row('z-bad.*').boundingBox()
  if (!last) throw new Error('The row is not drawn')
  await page.mouse.move(last.x + 200, last.y + 80)
  await page.mouse.down()
  await page.mouse.move(last.x + 120, last.y - 10, { steps: 4 })
  await page.mouse.up()
  expect((await selected()).length).toBe(2)
  await page.mouse.click(last.x + 200, last.y + 80)
  await expect.poll(() => selected()).toEqual([])
  await expect.poll(() => foot().textContent()).toBe('11 entries')
})

test('S-NAM-01 names that would deceive stand with marked escapes, and links with where they lead', async () => {
  const odd = pane().locator('.file-name .odd')
  expect((await odd.allTextContents()).sort()).toEqual(['\\n', '\\u{202e}', '\\xff'])
  await row('to-nothing').locator('[aria-label="Broken link"]').waitFor()
  await row('to-docs').locator('[aria-label="Link to a folder"]').waitFor()
  await expect.poll(() => row('to-docs').locator('.target .file-name').textContent()).toBe('docs')
  await row('to-nothing').dblclick()
  await page.getByText('The link leads nowhere').waitFor()
  await row('to-docs').dblclick()
  await at('docs')
  await page.keyboard.press('Alt+ArrowLeft')
  await at('file-list')
})

test('directories are gone to by keys, by history, by the path and by what completes it', async () => {
  await row('docs').click()
  await page.keyboard.press('Enter')
  await at('docs')
  await page.getByText('Nothing here').waitFor()
  await page.keyboard.press('Backspace')
  await at('file-list')
  await page.keyboard.press('Alt+ArrowLeft')
  await at('docs')
  await page.keyboard.press('Alt+ArrowRight')
  await at('file-list')
  // The buttons of the mouse beside its wheel.
  await pane().dispatchEvent('mouseup', { button: 3 })
  await at('docs')
  await page.keyboard.press('Alt+ArrowUp')
  await at('file-list')

  await page.keyboard.press('Control+Shift+G')
  await page.keyboard.press('End')
  await page.keyboard.type('/do')
  const offers = page.getByRole('listbox', { name: 'Folders' }).getByRole('option')
  await offers.nth(1).waitFor()
  await expect.poll(() => offers.allTextContents()).toEqual(['docs', 'download'])
  await page.keyboard.type('w')
  await page.waitForFunction(() => document.querySelectorAll('.path-offers [role=option]').length === 1)
  await page.keyboard.press('Tab')
  await expect.poll(() => page.getByRole('combobox', { name: 'Path' }).inputValue()).toBe(`${list}/download/`)
  await page.keyboard.press('Enter')
  await at('download')
  await page.getByRole('navigation', { name: 'Path' }).getByRole('button', { name: 'file-list' }).click()
  await at('file-list')
})

test('a path can be typed after the palette, the key and the menu, and the field keeps the keys', async () => {
  const field = page.getByRole('combobox', { name: 'Path', exact: true })
  const ways = [
    () => app.runCommand('Go to path'),
    () => page.keyboard.press('Control+Shift+G'),
    () => page.getByRole('button', { name: 'Type a path' }).click({ position: { x: 2, y: 8 } }),
    async () => {
      await pane().getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Go to path' }).click()
    },
  ]
  for (const [at, way] of ways.entries()) {
    // From the terminal, which had the keys and would have them back, or from the list.
    if (at % 2 === 0) await page.locator('.tab-panel:not([hidden]) .terminal-place textarea').focus()
    await way()
    await field.waitFor()
    await page.keyboard.type(`${list}/do`)
    await page.getByRole('listbox', { name: 'Folders' }).getByRole('option').nth(1).waitFor()
    await expect.poll(() => field.inputValue()).toBe(`${list}/do`)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await field.waitFor({ state: 'detached' })
  }
  await at('file-list')
})

test('the filter leaves what holds what is typed, and Esc clears it', async () => {
  await pane().locator('.file-grid').focus()
  await page.keyboard.press('/')
  await page.keyboard.type('*.txt')
  await page.getByText('3 of 11', { exact: true }).waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Control+a')
  await expect.poll(() => selected()).toEqual(['a.txt', 'b.txt', 'c.txt'])
  await page.keyboard.press('Control+f')
  await page.getByRole('textbox', { name: 'Filter the files' }).fill('nothing is called so')
  await page.getByText('No name here fits').waitFor()
  await page.getByRole('textbox', { name: 'Filter the files' }).press('Escape')
  await row('docs').waitFor()
  expect(await page.getByRole('textbox', { name: 'Filter the files' }).count()).toBe(0)
})

test('columns are chosen and widened, and pinned directories are kept for the host', async () => {
  const heads = () => pane().locator('.file-head > span > button:not(.icon-button)').allTextContents()
  await expect.poll(heads).toEqual(['Name', 'Size', 'Modified'])
  await pane().getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Modified' }).click()
  await expect.poll(heads, patient).toEqual(['Name', 'Size', 'Mode'])
  const width = async () => (await pane().locator('.file-head .size').boundingBox())?.width ?? 0
  const before = await width()
  await pane().getByRole('separator', { name: 'Width of Size' }).press('ArrowLeft')
  await expect.poll(width, patient).toBeGreaterThan(before)
  await app.runCommand('Pin this folder')
  await page.getByText('The folder is pinned').waitFor()
  await page.reload()
  await expect.poll(heads, patient).toEqual(['Name', 'Size', 'Mode'])
  await app.runCommand('Go up a folder')
  await at(stage.sshd.home.split('/').at(-1) ?? '')
  await pane().getByRole('button', { name: 'Places' }).click()
  await page.getByRole('menuitem', { name: list }).click()
  await at('file-list')
})

test('20,000 entries: all are counted, the last is a key away, and a reading that takes long can be stopped', async () => {
  await app.openFiles(many)
  await expect.poll(() => foot().textContent(), patient).toBe('20,000 entries')
  await pane().locator('.file-grid').focus()
  await page.keyboard.press('End')
  await row('20000.dat').waitFor()
  await page.keyboard.press('Shift+Home')
  await page.getByText('20,000 of 20,000 selected').waitFor()
  expect(await pane().locator('.file-body .file-row').count()).toBeLessThan(100)
  await page.keyboard.type('/1999')
  await page.getByText('12 of 20,000', { exact: true }).waitFor()
  await page.keyboard.press('Escape')

  // The line is slow, so that there is a middle to stop in.
  stage.cut.delay = 300
  await page.keyboard.press('F5')
  const stop = pane().getByRole('button', { name: 'Stop' })
  await stop.click()
  stage.cut.delay = 0
  await stop.waitFor({ state: 'detached' })
  await expect.poll(() => pane().locator('.file-grid').getAttribute('aria-rowcount')).toBe('20001')
})

test('two lists side by side: rows are dragged across, or copied, cut and pasted by keys', async () => {
  await app.openFiles(list)
  await at('file-list')
  await app.runCommand('Show another folder of this host beside')
  const other = page.locator('.files-pane.beside')
  await at('file-list', other)
  await row('docs', other).dblclick()
  await at('docs', other)

  await row('a.txt')
    .locator('.file-label')
    .dragTo(other.locator('.file-body'), { targetPosition: { x: 60, y: 120 } })
  await row('a.txt', other).waitFor()
  expect(await readFile(join(list, 'docs/a.txt'), 'utf8')).toBe('this is a.txt')

  await row('b.txt').click()
  await row('d.log').click({ modifiers: ['Control'] })
  await page.keyboard.press('Control+x')
  await page.waitForFunction(() => document.querySelectorAll('.file-row.cut').length === 2)
  await page.keyboard.press('F6')
  await page.keyboard.press('Control+v')
  await row('d.log', other).waitFor()
  await row('d.log').waitFor({ state: 'detached' })
  expect((await readdir(join(list, 'docs'))).sort()).toEqual(['a.txt', 'b.txt', 'd.log'])
  expect(await readdir(list)).not.toContain('b.txt')
  await expect.poll(() => selected(other)).toEqual(['b.txt', 'd.log'])
  await page.getByText('Moved 2 files to “docs”').waitFor()
  await page.keyboard.press('Control+z')
  await row('d.log').waitFor()
  await row('d.log', other).waitFor({ state: 'detached' })
  expect(await readdir(join(list, 'docs'))).toEqual(['a.txt'])

  // What is dragged with Ctrl is moved; a name that is taken is asked about, and nothing is taken back then.
  await page.keyboard.down('Control')
  await row('c.txt')
    .locator('.file-label')
    .dragTo(other.locator('.file-body'), { targetPosition: { x: 60, y: 120 } })
  await page.keyboard.up('Control')
  await row('c.txt', other).waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await row('c.txt').waitFor()
  await row('c.txt', other).waitFor({ state: 'detached' })
  await page.getByText('Undone').waitFor()
  await row('a.txt').click()
  await page.keyboard.press('Control+x')
  await page.keyboard.press('F6')
  await page.keyboard.press('Control+v')
  await page.getByRole('dialog', { name: 'A file of this name is there already' }).waitFor()
  await page.getByRole('button', { name: 'Skip' }).click()
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
  expect(await readdir(list)).toEqual(expect.arrayContaining(['a.txt', 'b.txt', 'c.txt', 'd.log']))

  // A directory does not go into itself.
  await row('docs')
    .locator('.file-label')
    .dragTo(other.locator('.file-body'), { targetPosition: { x: 60, y: 200 } })
  await page.getByText('A folder cannot go into itself').waitFor()
  await app.runCommand('Put away the files beside')
  await other.waitFor({ state: 'detached' })
  await page.locator('.tab-panel:not([hidden]) .xterm').waitFor()
})

test('by finger: a tap opens, a long press begins to select, and the line below has what can be done', async () => {
  const phone = await stage.open({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })
  page = phone.page
  app = new AppPage(page)
  const { sshd } = stage
  await enter(page, stage.relay.launchUrl)
  await app.goTo(`sftp://${sshd.username}@web1.lan:${sshd.port}${list}`)
  await app.trust()
  await app.logIn(sshd.password)
  await at('file-list')
  const cdp = await phone.context.newCDPSession(page)
  const box = await row('a.txt').boundingBox()
  if (!box) throw new Error('The row is not drawn')
  expect(box.height).toBe(44)
  const finger = { x: box.x + 90, y: box.y + 20 }
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [finger] })
  await page.waitForFunction(() => document.querySelector('.file-row[aria-selected=true]'))
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await row('c.txt').tap()
  await expect.poll(() => selected()).toEqual(['a.txt', 'c.txt'])
  await expect.poll(() => foot().textContent()).toContain('2 of')
  await pane().getByRole('button', { name: 'What can be done with the selected' }).tap()
  await page.getByRole('menuitem', { name: 'Copy files' }).tap()
  await pane().getByRole('button', { name: 'Select nothing' }).tap()
  await row('docs').tap()
  await at('docs')
  await pane().getByRole('button', { name: 'Back' }).tap()
  await at('file-list')
  await row('a.txt').getByRole('button', { name: 'Actions for a.txt' }).tap()
  await page.getByRole('menuitem', { name: 'Rename' }).waitFor()
})
