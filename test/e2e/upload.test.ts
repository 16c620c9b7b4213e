import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { findings } from '../harness/axe.ts'
import { type Chromium, ofTheApp, startChromium } from '../harness/chromium.ts'
import { contents } from '../harness/contents.ts'
import { type Cut, startCut } from '../harness/cut.ts'
import { FileDrag } from '../harness/drop.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))

let relay: TestRelay
let cut: Cut
let sshd: Sshd
let browser: Chromium
let app: AppPage
/** What is dropped, on this machine. */
let local: string
/** Where it goes, in the home directory of the account. */
let remote: string

beforeAll(async () => {
  ;[relay, sshd] = await Promise.all([startTestRelay({ app: dist }), startSshd()])
  cut = await startCut(relay.port)
  local = await mkdtemp(join(tmpdir(), 'fairlead-upload-'))
  remote = join(sshd.home, 'uploads')
})

afterAll(async () => {
  await cut?.close()
  await Promise.all([relay?.close(), sshd?.close()])
  for (const dir of [local, remote]) if (dir) await rm(dir, { recursive: true, force: true })
})

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await app.page.screenshot({ path: `test/output/${task.name.slice(0, 40)}.png` })
  const { errors } = browser
  await browser.close()
  expect(ofTheApp(errors)).toEqual([])
})

/** A browser with a shell in the directory of uploads, which is empty, and its files beside it. */
async function begin(): Promise<void> {
  await rm(remote, { recursive: true, force: true })
  browser = await startChromium({ workers: true })
  app = new AppPage(await browser.open(`http://127.0.0.1:${cut.port}/`))
  await app.input.waitFor()
  await app.openShell(sshd)
  await app.sh(`mkdir -p ${remote}/inner; cd ${remote}`)
  await app.openFiles(remote)
  await row('inner').waitFor()
}

const row = (name: string) => app.page.locator('.files-pane [role=row]', { hasText: name })
const list = () => app.page.locator('.files-pane').first()
const terminal = () => app.page.locator('.tab-panel:not([hidden]) .terminal-pane')

/** Waits until so many transfers have gone well. */
async function done(count: number): Promise<void> {
  const drawer = app.page.getByRole('region', { name: 'Transfers' })
  if (!(await drawer.isVisible())) await app.runCommand('Show the transfers')
  await drawer
    .locator('.transfer.done')
    .nth(count - 1)
    .waitFor({ timeout: 60_000 })
  await expect.poll(() => drawer.locator('.transfer').count()).toBe(count)
  await drawer.getByRole('button', { name: 'Close' }).click()
}

async function drop(names: string[], onto: ReturnType<typeof row>, down?: number): Promise<void> {
  const drag = await FileDrag.of(
    app.page,
    names.map((name) => join(local, name)),
  )
  await drag.drop(onto, down)
}

/** A thousand small files in folders of folders, and folders with nothing in them. */
async function makeTree(root: string): Promise<void> {
  for (let folder = 0; folder < 20; folder++) {
    const dir = join(root, `part ${folder % 4}`, `ü${folder}`)
    await mkdir(join(dir, 'empty'), { recursive: true })
    await Promise.all(
      Array.from({ length: 50 }, (_, number) =>
        writeFile(join(dir, `file-${number}.txt`), `${folder} ${number}\n`.repeat(number)),
      ),
    )
  }
}

test('files and folders that are dropped on the list, a folder, a tab and the terminal arrive whole', async () => {
  await makeTree(join(local, 'tree'))
  await writeFile(join(local, 'one.bin'), Buffer.alloc(1_048_577, 'one'))
  await writeFile(join(local, "it's two.txt"), 'two')
  await writeFile(join(local, 'three.txt'), 'three')
  await begin()

  await drop(['tree', 'one.bin'], list(), 0.9)
  await done(1)
  expect(await contents(join(remote, 'tree'))).toEqual(await contents(join(local, 'tree')))
  // What has arrived is listed without being asked for.
  await row('one.bin').waitFor()

  await drop(['three.txt'], row('inner'))
  await done(2)
  await drop(['three.txt'], app.page.getByRole('tab').first())
  await done(3)
  // Where nothing takes them they are not opened in place of the app.
  const drag = await FileDrag.of(app.page, [join(local, 'three.txt')])
  const met = app.page.evaluate(
    () =>
      new Promise((resolve) => {
        addEventListener('dragover', (event) => resolve([event.defaultPrevented, event.dataTransfer?.dropEffect]), {
          once: true,
        })
      }),
  )
  await drag.pass(app.page.locator('.palette-field'))
  expect(await met).toEqual([true, 'none'])
  // Held over a folder, it opens.
  await drag.over(row('inner'))
  await app.page.locator('.path-bar [aria-current=page]', { hasText: 'inner' }).waitFor()
  await drag.giveUp()

  await app.sh(String.raw`cd inner; printf '\033]7;file://localhost%s\033\\' "$PWD"`)
  await drop(["it's two.txt"], terminal(), 0.25)
  await done(4)
  await app.sh('mkdir typed; cd typed')
  await app.sh(String.raw`printf '\033]7;file://localhost%s\033\\' "$PWD"`)
  await drop(["it's two.txt"], terminal(), 0.75)
  await done(5)
  // The path is typed, quoted, and not run.
  await app.page.locator('.tab-panel:not([hidden]) .terminal-place textarea').focus()
  await app.page.keyboard.press('Home')
  await app.page.keyboard.type('cat ')
  await app.page.keyboard.press('End')
  await app.type('; echo " read"\n')
  await app.waitFor(/^two read/)

  const { tree: _, ...rest } = Object.fromEntries(
    Object.entries(await contents(remote)).filter(([path]) => !path.startsWith('tree/')),
  )
  const sha = async (name: string) => (await contents(local))[name]
  expect(rest).toEqual({
    inner: '-',
    'inner/typed': '-',
    "inner/it's two.txt": await sha("it's two.txt"),
    "inner/typed/it's two.txt": await sha("it's two.txt"),
    'inner/three.txt': await sha('three.txt'),
    'one.bin': await sha('one.bin'),
    'three.txt': await sha('three.txt'),
  })
}, 120_000)

test('files come from a picker and from the clipboard, and a name that is taken is asked about', async () => {
  await writeFile(join(local, 'picked.txt'), 'picked')
  await begin()
  // Without a head the picker with handles cannot be answered; Firefox and Safari have none.
  await app.page.evaluate(() => Reflect.deleteProperty(window, 'showOpenFilePicker'))
  const chooser = app.page.waitForEvent('filechooser')
  await app.runCommand('Upload files')
  await (await chooser).setFiles(join(local, 'picked.txt'))
  await done(1)

  await app.page.locator('.files-pane [role=grid]').focus()
  await app.page.locator('.files-pane [role=grid]').evaluate((grid) => {
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File(['pixels'], 'image.png', { type: 'image/png' }))
    grid.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  })
  await done(2)
  await row('pasted-2').waitFor()

  await app.page.locator('.tab-panel:not([hidden]) .terminal-place textarea').evaluate((area) => {
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File(['to the shell'], 'notes.txt', { type: 'text/plain' }))
    area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  })
  const offer = app.page.getByRole('form', { name: 'Upload' })
  await offer.getByLabel('Folder').fill('~/uploads/inner')
  await offer.getByRole('button', { name: 'Upload', exact: true }).click()
  await done(3)
  expect(await readFile(join(remote, 'inner/notes.txt'), 'utf8')).toBe('to the shell')

  await writeFile(join(local, 'picked.txt'), 'picked again')
  await drop(['picked.txt'], list(), 0.9)
  const question = app.page.getByRole('dialog', { name: 'A file of this name is there already' })
  await question.getByText('picked.txt').first().waitFor()
  await question.getByRole('button', { name: 'Keep both' }).click()
  await done(4)
  expect(await readFile(join(remote, 'picked.txt'), 'utf8')).toBe('picked')
  expect(await readFile(join(remote, 'picked (2).txt'), 'utf8')).toBe('picked again')
  await drop(['picked.txt'], list(), 0.9)
  await question.getByRole('button', { name: 'Replace', exact: true }).click()
  await done(5)
  expect(await readFile(join(remote, 'picked.txt'), 'utf8')).toBe('picked again')
})

test('an upload goes on after a reload, where it was', async () => {
  await begin()
  // A picker cannot be answered without a head; a folder of the page's own file system is kept and read again as any other.
  await app.page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle('pack', { create: true })
    const writing = await (await folder.getFileHandle('big.bin', { create: true })).createWritable()
    await writing.write(new Uint8Array(65_536).fill(7))
    await writing.truncate(60_000_000)
    await writing.close()
    Reflect.set(window, 'showDirectoryPicker', async () => folder)
  })
  await app.runCommand('Upload a folder')
  const arrived = () => readdir(remote, { recursive: true })
  await expect.poll(arrived, { timeout: 30_000 }).toContainEqual(expect.stringMatching(/big\.bin\..*part$/))
  cut.open = false
  cut.cut()
  expect(await arrived()).not.toContain('pack/big.bin')
  cut.open = true
  await app.page.reload()
  await app.waitFor('$')
  await app.runCommand('Show the transfers')
  const drawer = app.page.getByRole('region', { name: 'Transfers' })
  await drawer.locator('.transfer.done').waitFor({ timeout: 60_000 })
  const whole = createHash('sha256')
    .update(Buffer.alloc(60_000_000).fill(7, 0, 65_536))
    .digest('hex')
  expect(await contents(remote)).toEqual({ inner: '-', pack: '-', 'pack/big.bin': whole })
}, 120_000)

test('what another app shares goes where the person says, and the relay never sees it', async () => {
  await writeFile(join(local, 'note.txt'), 'shared text')
  await begin()
  /** Shares as the system does: a form is posted to the app from outside of it. */
  const share = async () => {
    const page = await browser.context.newPage()
    await page.setContent(
      `<form method="post" enctype="multipart/form-data" action="http://127.0.0.1:${cut.port}/share"><input type="file" name="files" multiple><button></button></form>`,
    )
    await page.locator('input').setInputFiles([join(local, 'note.txt'), join(local, 'note.txt')])
    const answered = page.waitForEvent('framenavigated')
    await page.locator('button').click()
    await answered
    return page
  }
  await app.page.evaluate(() => navigator.serviceWorker.ready)
  const page = await share()
  const sheet = page.getByRole('dialog', { name: 'Upload 2 shared files' })
  await sheet.getByText('note.txt').first().waitFor()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  expect(await findings(page)).toEqual([])
  await sheet.getByLabel('Folder').fill(`${remote}/inner`)
  expect(page.url()).toBe(`http://127.0.0.1:${cut.port}/open`)
  await sheet.getByRole('button', { name: 'Upload' }).click()
  const question = page.getByRole('dialog', { name: 'A file of this name is there already' })
  await question.getByRole('button', { name: 'Keep both' }).click()
  await page.locator('.transfer.done').waitFor()
  for (const name of ['note.txt', 'note (2).txt']) {
    expect(await readFile(join(remote, 'inner', name), 'utf8')).toBe('shared text')
  }
  // Once uploaded it is forgotten.
  await page.waitForFunction(async () => (await (await caches.open('fairlead-shared')).keys()).length === 0)
})
