import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Download } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { type Chromium, startChromium } from '../harness/chromium.ts'
import { type Cut, startCut } from '../harness/cut.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))
/** What Chromium says of a drag, as its protocol gives it. */
interface DragData {
  items: { mimeType: string; data: string }[]
  dragOperationsMask: number
}

const mebibyte = 1024 * 1024
const large = 'Größe 日本.bin'
const then = new Date(2026, 0, 2, 3, 4, 6)

let relay: TestRelay
let sshd: Sshd
let cut: Cut
let browser: Chromium
let app: AppPage
/** What is downloaded from, and where a test puts what it has. */
let remote: string
let local: string
let content: Buffer

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex')

beforeAll(async () => {
  ;[relay, sshd, browser] = await Promise.all([
    startTestRelay({ app: dist, limits: { offerWaitMs: 500 } }),
    startSshd(),
    startChromium({ workers: true }),
  ])
  cut = await startCut(relay.port)
  local = await mkdtemp(join(tmpdir(), 'fairlead-download-'))
  remote = join(sshd.home, `downloads-${process.pid}`)
  content = randomBytes(64 * mebibyte)
  await rm(remote, { recursive: true, force: true })
  await mkdir(join(remote, 'site/deep/er'), { recursive: true })
  await mkdir(join(remote, 'site/empty'))
  await writeFile(join(remote, large), content)
  await writeFile(join(remote, 'endless'), '')
  await truncate(join(remote, 'endless'), 4096 * mebibyte)
  await writeFile(join(remote, 'a\nb:"c" \u202egpj.exe'), 'odd')
  await writeFile(join(remote, 'site/Grüße.txt'), 'Grüße')
  await writeFile(join(remote, 'site/a:b'), 'one')
  await writeFile(join(remote, 'site/a|b'), 'two')
  await writeFile(join(remote, 'site/deep/er/two.bin'), content.subarray(0, 2 * mebibyte))
  await writeFile(join(remote, 'site/nothing'), '')
  await utimes(join(remote, 'site/Grüße.txt'), then, then)
  execFileSync('ln', ['-s', '/etc', join(remote, 'site/out')])
  execFileSync('chown', ['-R', `${sshd.username}:`, remote])

  app = new AppPage(await browser.open(`http://127.0.0.1:${cut.port}/`))
  await app.input.waitFor()
  await app.page.evaluate(() => navigator.serviceWorker.ready)
  await app.openShell(sshd)
  await app.openFiles(remote)
  await row('site').waitFor()
})

afterEach(async ({ task }) => {
  cut.open = true
  if (task.result?.state === 'fail') await app.page.screenshot({ path: `test/output/${task.name.slice(0, 40)}.png` })
})

afterAll(async () => {
  await browser?.close()
  await cut?.close()
  await Promise.all([relay?.close(), sshd?.close()])
  for (const directory of [remote, local]) if (directory) await rm(directory, { recursive: true, force: true })
})

const row = (name: string) => app.page.locator('.files-pane [role=row]', { hasText: name })

/** Chooses a row, does something, and gives the download that the browser begins. */
async function download(name: string, act: () => Promise<void>): Promise<Download> {
  await row(name).click()
  const [begun] = await Promise.all([app.page.waitForEvent('download'), act()])
  return begun
}

const save = () => app.page.keyboard.press('Control+s')

/** What the drawer says of the first transfer that is in a state, once there is one. */
async function transfer(state: string): Promise<string> {
  const drawer = app.page.getByRole('region', { name: 'Transfers' })
  if (!(await drawer.isVisible())) await app.runCommand('Show the transfers')
  const item = drawer.locator(`.transfer.${state}`).first()
  await item.waitFor()
  const said = await item.innerText()
  await drawer.getByRole('button', { name: 'Close' }).click()
  return said
}

test('S-NAM-02 one file is an ordinary download of the browser, with its own name', async () => {
  const whole = await download(large, save)
  expect(whole.suggestedFilename()).toBe(large)
  expect(sha256(await readFile(await whole.path()))).toBe(sha256(content))
  await transfer('done')
  // It came through the worker: nothing was put down in the browser first.
  const beside = await app.page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    return Array.fromAsync(root.keys())
  })
  expect(beside).toEqual([])

  const odd = await download('gpj.exe', save)
  expect(odd.suggestedFilename()).toBe('a b_c_ _gpj.exe')
  expect(await readFile(await odd.path(), 'utf8')).toBe('odd')
})

test('S-XFR-01 a download outlives a cut of the line', async () => {
  cut.cutAfter(20 * mebibyte)
  const { count } = cut
  const whole = await download(large, save)
  expect(sha256(await readFile(await whole.path()))).toBe(sha256(content))
  expect(cut.count).toBeGreaterThan(count)
})

test('S-XFR-06 a download that is cancelled in the browser is cancelled here', async () => {
  const begun = await download('endless', save)
  await begun.cancel()
  expect(await transfer('cancelled')).toContain('The browser ended the download')
  expect(await begun.failure()).toBe('canceled')
})

test('S-NAM-03 a folder comes as a zip, with its times, and no link is followed', async () => {
  const zip = await download('site', () => app.runCommand('Download as zip'))
  expect(zip.suggestedFilename()).toBe('site.zip')
  const file = join(local, 'site.zip')
  await zip.saveAs(file)
  expect(execFileSync('unzip', ['-t', file]).toString()).toContain('No errors detected')
  execFileSync('unzip', ['-q', file, '-d', local])
  const found = execFileSync('find', ['site', '-mindepth', '1'], { cwd: local }).toString().trim().split('\n')
  expect(found.sort()).toEqual(
    ['Grüße.txt', 'a_b', 'a_b (2)', 'deep', 'deep/er', 'deep/er/two.bin', 'empty', 'nothing']
      .map((name) => `site/${name}`)
      .sort(),
  )
  expect(await readFile(join(local, 'site/Grüße.txt'), 'utf8')).toBe('Grüße')
  expect((await stat(join(local, 'site/Grüße.txt'))).mtime).toEqual(then)
  expect(sha256(await readFile(join(local, 'site/deep/er/two.bin')))).toBe(sha256(content.subarray(0, 2 * mebibyte)))
})

test('a folder comes as a folder into the one that is picked', async () => {
  // A picker needs a person; the browser's own private folder is a real handle.
  await app.page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    const picked = await root.getDirectoryHandle('picked', { create: true })
    Object.assign(globalThis, { showDirectoryPicker: async () => picked })
  })
  await app.runCommand('Clear finished transfers')
  await row('site').click()
  await save()
  await transfer('done')
  const found = await app.page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    const read: Record<string, string> = {}
    const walk = async (directory: FileSystemDirectoryHandle, path: string) => {
      for await (const [name, handle] of directory.entries()) {
        if (handle.kind === 'directory') {
          read[`${path}${name}/`] = ''
          await walk(handle as FileSystemDirectoryHandle, `${path}${name}/`)
          continue
        }
        const bytes = await (await (handle as FileSystemFileHandle).getFile()).arrayBuffer()
        const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
        read[path + name] = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
      }
    }
    await walk(await root.getDirectoryHandle('picked'), '')
    return read
  })
  expect(found).toEqual({
    'site/': '',
    'site/Grüße.txt': sha256(Buffer.from('Grüße')),
    'site/a_b': expect.any(String),
    'site/a_b (2)': expect.any(String),
    'site/deep/': '',
    'site/deep/er/': '',
    'site/deep/er/two.bin': sha256(content.subarray(0, 2 * mebibyte)),
    'site/empty/': '',
    'site/nothing': sha256(Buffer.alloc(0)),
  })
})

/** What a row gives to the desktop when it is dragged out of the browser: what Chromium fetches then, if anything. */
async function draggedOut(name: string): Promise<string> {
  const { page } = app
  await row(name).click()
  // The page's own listeners have had it by then.
  const given = page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        addEventListener('dragstart', (event) => resolve(event.dataTransfer?.getData('DownloadURL') ?? ''), {
          once: true,
        })
      }),
  )
  const from = await row(name).locator('.file-label').boundingBox()
  if (!from) throw new Error('The row is not in sight')
  await page.mouse.move(from.x + 4, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(from.x + 40, from.y + from.height / 2, { steps: 4 })
  const data = await given
  await page.keyboard.press('Escape')
  await page.mouse.up()
  return data
}

test('S-NAM-02 A-TOK-02 a row that is dragged out of the browser is a file that Chromium fetches, once', async () => {
  const { context } = browser
  const ids = new Set<string>()
  for (const [name, local, bytes] of [
    [large, large, content],
    ['gpj.exe', 'a b_c_ _gpj.exe', Buffer.from('odd')],
  ] as const) {
    const [, type, called, url = ''] = /^([^:]*):([^:]*):(.*)$/.exec(await draggedOut(name)) ?? []
    expect([type, called]).toEqual(['application/octet-stream', local])
    expect(url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${cut.port}/offer/[0-9a-f]{32}$`))
    ids.add(url)
    const page = await context.newPage()
    // As by a page of another origin, which `localhost` is: that of an app whose relay stands elsewhere.
    await page.goto(`http://localhost:${relay.port}/healthz`)
    const begun = page.waitForEvent('download')
    await page.evaluate((href) => {
      location.href = href
    }, url)
    const fetched = await begun
    expect(fetched.suggestedFilename()).toBe(local)
    expect(sha256(await readFile(await fetched.path()))).toBe(sha256(bytes))
    expect((await fetch(url)).status).toBe(404)
    await page.close()
  }
  expect(ids.size).toBe(2)
  // A folder has no such form.
  expect(await draggedOut('site')).toBe('')
})

test('a row that is dragged onto the terminal types its path, quoted, and runs nothing', async () => {
  const { page } = app
  await app.type('cat ')
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Input.setInterceptDrags', { enabled: true })
  const taken = new Promise<DragData>((resolve) => cdp.once('Input.dragIntercepted', ({ data }) => resolve(data)))
  const from = await row('gpj.exe').locator('.file-label').boundingBox()
  if (!from) throw new Error('The row is not in sight')
  const [x, y] = [from.x + 4, from.y + from.height / 2]
  const held = { button: 'left', buttons: 1 } as const
  await cdp.send('Input.dispatchMouseEvent', { type: 'mousePressed', x, y, ...held, clickCount: 1 })
  for (const by of [5, 40]) await cdp.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x: x - by, y, ...held })
  const data = await taken
  const path = `${remote}/a\nb:"c" \u202egpj.exe`
  const rows = data.items.find(({ mimeType }) => mimeType === 'application/x-fairlead-files')
  expect(JSON.parse(rows?.data ?? '')).toMatchObject({ paths: [path] })

  const box = await page.locator('.tab-panel:not([hidden]) .terminal-place').boundingBox()
  const at = { x: (box?.x ?? 0) + 60, y: (box?.y ?? 0) + 120 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await cdp.send('Input.dispatchDragEvent', { type, ...at, data })
  }
  await cdp.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at, button: 'left', clickCount: 1 })
  await cdp.detach()
  await app.type('; echo " read"\n')
  await app.waitFor(/^odd read/)
})

test('S-NAM-02 an address that nobody offers gives nothing, and the relay has none', async () => {
  const status = await app.page.evaluate(async () => (await fetch(`/download/${'0'.repeat(32)}`)).status)
  expect(status).toBe(404)
  expect((await fetch(new URL(`/download/${'0'.repeat(32)}`, relay.url))).status).toBe(404)
})

test('a page that goes away leaves a failed download, never a short one', async () => {
  const begun = await download('endless', save)
  app.page.on('dialog', (dialog) => void dialog.accept())
  await app.page.reload()
  expect(await begun.failure()).not.toBeNull()
})
