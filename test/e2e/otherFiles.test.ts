import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { findings } from '../harness/axe.ts'
import { type BusyboxSshd, startBusyboxSshd } from '../harness/busyboxSshd.ts'
import { type Dropbear, startDropbear } from '../harness/dropbear.ts'
import { records } from '../harness/records.ts'
import { type Sudoers, sudoers } from '../harness/sudoers.ts'
import { enter, logIn, type Stage, setStage, waitForScreen } from './stage.ts'

let stage: Stage
let busybox: BusyboxSshd
let dropbear: Dropbear
let rules: Sudoers
let page: Page
let app: AppPage

beforeAll(async () => {
  ;[stage, busybox, dropbear, rules] = await Promise.all([
    setStage(['Subsystem none /bin/false']),
    startBusyboxSshd(),
    startDropbear(),
    sudoers('%u ALL=(root) /usr/lib/openssh/sftp-server'),
  ])
  ;({ page } = await stage.open({ reducedMotion: 'reduce' }))
  app = new AppPage(page)
  await enter(page, stage.address)
  await logIn(page, stage)
}, 60_000)

afterAll(async () => {
  await stage?.close()
  await rules?.remove()
  await busybox?.close()
  await dropbear?.close()
})

const pane = () => page.locator('.tab-panel:not([hidden]) .files-pane')
const rows = () => pane().locator('.file-body .file-row')
const note = () => pane().locator('.files-note')

test('where the server has no SFTP the pane says so, and has the files another way for this host from then on', async () => {
  await app.runCommand('Go to the files')
  await note().getByText('The server gave no SFTP').waitFor()
  expect(await findings(page)).toEqual([])
  await note().getByRole('button', { name: 'Use the shell for files' }).click()
  await rows().filter({ hasText: 'README.md' }).waitFor()
  // The server's own program could be run: that is as good as the subsystem.
  expect(await pane().locator('.files-by').count()).toBe(0)

  // Where it is has been kept; else the files would begin at home.
  await expect
    .poll(() => records(page, 'tabs'))
    .toMatchObject([{ view: { filesPath: expect.stringMatching(/site$/) } }])
  await page.reload()
  await rows().filter({ hasText: 'README.md' }).waitFor()
})

test('files as root are marked, do what root may, and end with a word', async () => {
  await app.runCommand('Files as root')
  const dialog = page.getByRole('dialog', { name: 'Files as root' })
  await dialog.getByLabel(/^Password for sudo/).fill('wrong')
  await dialog.getByRole('button', { name: 'Open as root' }).click()
  await dialog.getByText(/The password was not taken by sudo/).waitFor()
  expect(await findings(page)).toEqual([])
  await dialog.getByLabel(/^Password for sudo/).fill(stage.sshd.password)
  await dialog.getByRole('button', { name: 'Open as root' }).click()
  await dialog.waitFor({ state: 'detached' })
  const mark = pane().locator('.files-by.root')
  await mark.getByText('As root.').waitFor()
  await app.openFiles('/root')
  await pane()
    .locator('.path-bar [aria-current]', { hasText: /^root$/ })
    .waitFor()
  expect(await findings(page)).toEqual([])

  // What was had as root does not come back by itself.
  stage.cut.cut()
  await app.runCommand('Refresh files')
  const again = pane().getByText(/The files as root are closed/)
  await again.waitFor()
  await mark.getByRole('button', { name: 'Back to yourself' }).click()
  await mark.waitFor({ state: 'detached' })
  await app.openFiles(join(stage.sshd.home, 'site'))
  await rows().filter({ hasText: 'README.md' }).waitFor()
})

test('a host with nothing but BusyBox is had through its shell, which the pane says', async () => {
  await writeFile(join(busybox.outside, 'greeting'), 'hello')
  await app.goTo(`ssh -p ${busybox.port} ${busybox.username}@router.lan`)
  await app.trust()
  await app.logIn(busybox.password)
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
  await waitForScreen(page, '$')
  await app.runCommand('Go to the files')
  await note().getByRole('button', { name: 'Use the shell for files' }).click()
  await pane().getByText('Through the shell: slower than SFTP.').waitFor()
  await rows().filter({ hasText: 'greeting' }).waitFor()
  expect(await findings(page)).toEqual([])
  await pane().getByRole('button', { name: 'Try SFTP' }).click()
  await note().getByText('The server gave no SFTP').waitFor()
  expect((await stat(join(busybox.outside, 'greeting'))).size).toBe(5)
  expect(await readFile(join(busybox.outside, 'greeting'), 'utf8')).toBe('hello')
})

test('a host with Dropbear has its files like any other, and they come down whole', async () => {
  await app.goTo(`ssh -p ${dropbear.port} ${dropbear.username}@nas.lan`)
  await app.trust()
  await app.logIn(dropbear.password)
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
  await waitForScreen(page, '$')
  await app.runCommand('Go to the files')
  const row = rows().filter({ hasText: 'README.md' })
  await row.waitFor()
  expect(await pane().locator('.files-by').count()).toBe(0)
  await row.click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Control+s')])
  const content = await readFile(join(stage.sshd.home, 'site/README.md'))
  expect((await readFile(await download.path())).equals(content)).toBe(true)
})
