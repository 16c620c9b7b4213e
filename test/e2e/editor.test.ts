import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { findings } from '../harness/axe.ts'
import { type Chromium, startChromium } from '../harness/chromium.ts'
import { canaries, startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))

let relay: TestRelay
let sshd: Sshd
let browser: Chromium
let app: AppPage
let page: Page
let folder: string

beforeAll(async () => {
  ;[relay, sshd, browser] = await Promise.all([
    startTestRelay({ app: dist, host: true }, { password: canaries.password }),
    startSshd(),
    startChromium({ workers: true }),
  ])
  folder = mkdtempSync(join(sshd.home, 'look-'))
  furnish()
  browser.context.setDefaultTimeout(30_000)
  app = new AppPage(await browser.open(relay.launchUrl))
  page = app.page
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.getByRole('button', { name: 'This machine' }).waitFor()
  await app.openShell(sshd)
  await app.openFiles(folder)
  await row('hello.js').waitFor()
})

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await page.screenshot({ path: `test/output/${task.name.slice(0, 40)}.png` })
})

afterAll(async () => {
  await Promise.all([browser?.close(), relay?.close(), sshd?.close()])
  await rm(folder, { recursive: true, force: true })
})

const script = '<script>window.ran = true; parent.ran = true</script>'

function furnish(): void {
  const files: Record<string, string | Uint8Array> = {
    'hello.js': '// says hello\nexport const answer = 42\nconsole.log(`hello`)\n',
    'app.log': 'first line\n',
    'page.html': `<!doctype html><title>x</title>${script}<img src=x onerror="window.ran = true">`,
    'evil.svg': `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="window.ran = true">${script}<rect width="40" height="40" fill="red"/></svg>`,
    'bomb.png': png(65_535),
    'dot.png': png(1),
    'sound.wav': wave(3_000_000),
    'data.bin': Uint8Array.from({ length: 300 }, (_, at) => at % 256),
    'notes.txt': 'as it was\r\n',
  }
  for (const [name, data] of Object.entries(files)) writeFileSync(join(folder, name), data)
  execFileSync('chown', ['-R', `${sshd.username}:`, folder])
}

/** A PNG that says it is so wide and high; that of 1 × 1 is whole. */
function png(side: number): Uint8Array {
  const whole = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
  const data = Buffer.from(whole, 'base64')
  data.writeUInt32BE(side, 16)
  data.writeUInt32BE(side, 20)
  return data
}

/** So many bytes of silence, 8 kHz, 8 bits. */
function wave(length: number): Uint8Array {
  const data = Buffer.alloc(44 + length, 0x80)
  data.write('RIFF')
  data.writeUInt32LE(36 + length, 4)
  data.write('WAVEfmt ', 8)
  data.writeUInt32LE(16, 16)
  data.writeUInt16LE(1, 20)
  data.writeUInt16LE(1, 22)
  data.writeUInt32LE(8000, 24)
  data.writeUInt32LE(8000, 28)
  data.writeUInt16LE(1, 32)
  data.writeUInt16LE(8, 34)
  data.write('data', 36)
  data.writeUInt32LE(length, 40)
  return data
}

const row = (name: string) => page.locator('.file-row .name', { hasText: name })
const view = () => page.locator('.file-view')
const at = (name: string) => join(folder, name)

/** Opens a file from the list, as a double click does. */
async function look(name: string): Promise<void> {
  await row(name).dblclick()
  await view().getByRole('heading', { name }).waitFor()
}

async function back(): Promise<void> {
  await view().getByRole('button', { name: 'Back to the list' }).click()
  await view().waitFor({ state: 'detached' })
}

/** The texts of the drafts that the browser keeps. */
function drafts(): Promise<string[]> {
  return page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const open = indexedDB.open('fairlead')
        open.onsuccess = () => {
          const all = open.result.transaction('drafts').objectStore('drafts').getAll()
          all.onsuccess = () => {
            open.result.close()
            resolve(all.result.map(({ text }: { text: string }) => text))
          }
        }
      }),
  )
}

const code = () => view().locator('.cm-content')

test('a text is shown in colours, edited and saved, and a change on the host meanwhile is asked about', async () => {
  await look('hello.js')
  await code().getByText('says hello').waitFor()
  const colourOf = (text: string) =>
    code()
      .locator('span', { hasText: new RegExp(`^${text}$`) })
      .first()
      .evaluate((span) => getComputedStyle(span).color)
  // Colours come with the language, which is fetched.
  await code().locator('span', { hasText: /^42$/ }).first().waitFor()
  expect(await colourOf('42')).not.toBe(await code().evaluate((content) => getComputedStyle(content).color))
  expect(await findings(page)).toEqual([])

  await page.setViewportSize({ width: 360, height: 740 })
  expect(await findings(page)).toEqual([])
  await page.setViewportSize({ width: 1200, height: 800 })

  await view().getByRole('button', { name: 'Edit', exact: true }).click()
  await view().locator('.cm-content:focus').waitFor()
  await page.keyboard.press('Control+Home')
  await page.keyboard.type('/* new */ ')
  await view().getByRole('img', { name: 'Not saved' }).waitFor()
  await page.keyboard.press('Control+s')
  await view().getByRole('img', { name: 'Not saved' }).waitFor({ state: 'detached' })
  expect(readFileSync(at('hello.js'), 'utf8')).toMatch(/^\/\* new \*\/ \/\/ says hello\n/)
  expect(statSync(at('hello.js')).uid).toBe(Number(execFileSync('id', ['-u', sshd.username])))

  await page.keyboard.type('mine ')
  writeFileSync(at('hello.js'), 'theirs\n')
  await page.keyboard.press('Control+s')
  const dialog = page.getByRole('dialog', { name: 'The file was changed on the host' })
  await dialog.waitFor()
  expect(await findings(page)).toEqual([])
  expect(readFileSync(at('hello.js'), 'utf8')).toBe('theirs\n')
  await dialog.getByRole('button', { name: 'Compare' }).click()
  const compare = page.getByRole('dialog', { name: 'Yours and theirs' })
  await compare.getByRole('region', { name: 'On the host' }).getByText('theirs').waitFor()
  await compare.getByRole('region', { name: 'Yours' }).getByText('mine').waitFor()
  expect(await findings(page)).toEqual([])
  await compare.getByRole('button', { name: 'Keep mine' }).click()
  await view().getByRole('img', { name: 'Not saved' }).waitFor({ state: 'detached' })
  expect(readFileSync(at('hello.js'), 'utf8')).toContain('mine // says hello')
  await back()
})

test('changes that are not saved outlive a reload, and are asked about on the way out', async () => {
  await look('notes.txt')
  await view().getByRole('button', { name: 'Edit', exact: true }).click()
  await view().locator('.cm-content:focus').waitFor()
  await page.keyboard.press('Control+End')
  await page.keyboard.type('and more')
  await view().getByRole('button', { name: 'Back to the list' }).click()
  const dialog = page.getByRole('dialog', { name: 'Save the changes?' })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect.poll(drafts, { timeout: 10_000 }).toContain('as it was\nand more')
  await page.reload()
  await row('notes.txt').waitFor()
  await look('notes.txt')
  await view().getByText('Changes that were not saved').waitFor()
  await code().getByText('and more').waitFor()
  expect(readFileSync(at('notes.txt'), 'utf8')).toBe('as it was\r\n')
  await view().getByRole('button', { name: 'Save' }).click()
  await view().getByRole('img', { name: 'Not saved' }).waitFor({ state: 'detached' })
  expect(readFileSync(at('notes.txt'), 'utf8')).toBe('as it was\r\nand more')
  await back()
})

test('the end of a log is followed as it grows', async () => {
  await row('app.log').click()
  await app.runCommand('Follow the end of the file')
  await view().getByText('Following the end').waitFor()
  await code().getByText('first line').waitFor()
  appendFileSync(at('app.log'), 'second line\n')
  await code().getByText('second line').waitFor()
  writeFileSync(at('app.log'), 'anew\n')
  await code().getByText('anew').waitFor()
  await view().getByText('The file was emptied').waitFor()
  await back()
})

test('S-NAM-04 nothing hostile runs, and a picture of 65,535 × 65,535 is not drawn', async () => {
  const ran = () => page.evaluate(() => 'ran' in window)
  await look('page.html')
  await code().getByText('window.ran').first().waitFor()
  await back()
  await look('evil.svg')
  await code().getByText('window.ran').first().waitFor()
  await view().getByRole('button', { name: 'Picture' }).click()
  const drawing = view().getByRole('img', { name: 'evil.svg' })
  await drawing.waitFor()
  expect(await drawing.evaluate((img: HTMLImageElement) => img.decode().then(() => img.naturalWidth))).toBe(40)
  await expect.poll(() => drawing.getAttribute('src')).toMatch(/^data:image\/svg\+xml;base64,/)
  await back()
  await look('bomb.png')
  await view().getByText('65,535 × 65,535 pixels').waitFor()
  expect(await view().locator('.file-picture').count()).toBe(0)
  await back()
  await look('dot.png')
  const dot = view().getByRole('img', { name: 'dot.png' })
  expect(await dot.evaluate((img: HTMLImageElement) => img.decode().then(() => img.naturalWidth))).toBe(1)
  expect(await findings(page)).toEqual([])
  // To the file before it in the list, by key.
  await dot.click()
  await page.keyboard.press('ArrowLeft')
  await view().getByRole('heading', { name: 'data.bin' }).waitFor()
  await view().getByText('00000010').waitFor()
  expect(await findings(page)).toEqual([])
  await back()
  expect(await ran()).toBe(false)
  expect(browser.errors).toEqual([])
})

test('sound is played by ranges through the service worker', async () => {
  // It gives the page to the reload, and may have been late for the one before.
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.reload()
  await row('sound.wav').waitFor()
  await look('sound.wav')
  const sound = view().locator('audio')
  await sound.waitFor()
  await expect.poll(() => sound.getAttribute('src')).toMatch(/^\/media\/[0-9a-f]{32}$/)
  const length = await sound.evaluate(
    (audio: HTMLAudioElement) =>
      new Promise((resolve, reject) => {
        audio.onerror = () => reject(new Error(audio.error?.message))
        audio.onseeked = () => resolve(audio.duration)
        audio.currentTime = 300
      }),
  )
  expect(length).toBe(375)
  await back()
})

test('a copy in a program of this device is uploaded when it changes there', async () => {
  await page.evaluate(() => {
    // The picker needs a head: it gives a file of the page's own disk instead.
    const pick = async () => (await navigator.storage.getDirectory()).getFileHandle('copy.txt', { create: true })
    Object.assign(window, { showSaveFilePicker: pick })
  })
  await row('notes.txt').click()
  await app.runCommand('Open in a program of this device')
  const sheet = page.getByRole('dialog', { name: 'Files open in other programs' })
  await sheet.getByText('Not changed yet').waitFor()
  expect(await findings(page)).toEqual([])
  const write = (text: string) =>
    page.evaluate(async (text) => {
      const handle = await (await navigator.storage.getDirectory()).getFileHandle('copy.txt')
      const copy = await handle.createWritable()
      await copy.write(text)
      await copy.close()
    }, text)
  await write('from another program')
  await sheet.getByText('Uploaded at').waitFor()
  expect(readFileSync(at('notes.txt'), 'utf8')).toBe('from another program')
  writeFileSync(at('notes.txt'), 'theirs')
  await write('mine')
  await sheet.getByText('Somebody has changed the file').waitFor()
  expect(readFileSync(at('notes.txt'), 'utf8')).toBe('theirs')
  await sheet.getByRole('button', { name: 'Upload mine' }).click()
  await sheet.getByText('Uploaded at').waitFor()
  expect(readFileSync(at('notes.txt'), 'utf8')).toBe('mine')
  await sheet.getByRole('button', { name: 'Stop watching copy.txt' }).click()
  await sheet.waitFor({ state: 'detached' })
})
