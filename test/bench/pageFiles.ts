import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { AppPage } from '../harness/app.ts'
import { median } from './figures.ts'
import { hasSize } from './files.ts'
import { openApp } from './page.ts'
import { family, residentMiB } from './proc.ts'
import type { Row } from './report.ts'
import type { Stage } from './stage.ts'
import { startUnwatched } from './unwatched.ts'

/** ms between looks at the memory of the pages. */
const LOOK_MS = 50

/** One large file up and down by the app in Chromium, as a person moves it, and what the page needs for it. */
export async function pageFiles(stage: Stage): Promise<Row[]> {
  const { relay, rounds } = stage
  const mebibytes = 4 * stage.mebibytes
  const bytes = mebibytes * 2 ** 20
  const here = join(stage.directory, `page-${randomUUID()}`)
  const there = join(stage.directory, `page-${randomUUID()}`)
  for (const directory of [here, there]) await mkdir(directory)
  await chmod(there, 0o777)
  await writeFile(join(here, 'large'), randomBytes(bytes))
  const chromium = await startUnwatched()
  const figures = { up: [] as number[], down: [] as number[] }
  let idle = 0
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, pagesMiB(chromium.pid))
  }, LOOK_MS)
  try {
    const app = new AppPage(await openApp(chromium.context, stage))
    await app.openFiles(there)
    await app.runCommand('Show the transfers')
    await give(app.page, join(here, 'large'))
    idle = pagesMiB(chromium.pid)
    most = idle
    for (let round = 0; round < rounds; round++) {
      figures.up.push(bytes / 1000 / (await chromium.measure(relay.url, upload, null)))
      await hasSize(join(there, 'large'), bytes)
      await clear(chromium.page(relay.url))
      await chromium.page(relay.url).locator('.files-pane [role=row]', { hasText: 'large' }).click()
      figures.down.push(bytes / 1000 / (await chromium.measure(relay.url, download, null)))
      // The browser names it when it has looked at it, a moment after the page has given the last byte.
      for (let waits = 0; waits < 1000 && !existsSync(join(chromium.downloads, 'large')); waits++) await pause(10)
      await hasSize(join(chromium.downloads, 'large'), bytes)
      await rm(join(chromium.downloads, 'large'))
      await rm(join(there, 'large'))
      const page = chromium.page(relay.url)
      await clear(page)
      await page.getByRole('button', { name: 'Refresh' }).click()
      await page.locator('.files-pane [role=row]', { hasText: 'large' }).waitFor({ state: 'detached' })
    }
  } finally {
    clearInterval(watch)
    await chromium.close()
    for (const directory of [here, there]) await rm(directory, { recursive: true, force: true })
  }
  return [
    { metric: `${mebibytes} MiB up by the page`, unit: 'MB/s', ours: median(figures.up) },
    { metric: `${mebibytes} MiB down by the page`, unit: 'MB/s', ours: median(figures.down) },
    { metric: 'RAM of the pages that they took at most', unit: 'MiB', ours: most - idle },
  ]
}

/** Gives the page a file of the disk; what it asks a person for is that file from then on. */
async function give(page: Page, path: string): Promise<void> {
  await page.evaluate(() => {
    // The browser's own picker needs a head; the other way gives files as well.
    Reflect.deleteProperty(window, 'showOpenFilePicker')
    const given = document.createElement('input')
    given.type = 'file'
    given.id = 'given'
    given.hidden = true
    document.body.append(given)
    HTMLInputElement.prototype.click = function () {
      this.files = given.files
      this.dispatchEvent(new Event('change'))
    }
  })
  const session = await page.context().newCDPSession(page)
  const { result } = await session.send('Runtime.evaluate', { expression: "document.querySelector('#given')" })
  await session.send('DOM.setFileInputFiles', { objectId: String(result.objectId), files: [path] })
  await session.detach()
}

/** In the page: ms from the click to the end. */
async function upload(): Promise<number> {
  const start = performance.now()
  const buttons = [...document.querySelectorAll('button')]
  buttons.find(({ textContent }) => textContent?.includes('Upload files'))?.click()
  while (!document.querySelector('.transfer.done')) await new Promise((resolve) => setTimeout(resolve, 5))
  return performance.now() - start
}

/** In the page: ms from the key to the end. */
async function download(): Promise<number> {
  const start = performance.now()
  const key = { key: 's', code: 'KeyS', ctrlKey: true, bubbles: true, cancelable: true }
  document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', key))
  while (!document.querySelector('.transfer.done')) await new Promise((resolve) => setTimeout(resolve, 5))
  return performance.now() - start
}

/** MiB of the processes that the pages of a browser and their workers run in. */
function pagesMiB(pid: number): number {
  return family(pid)
    .filter((one) => isRenderer(one))
    .reduce((sum, one) => sum + residentMiB(one), 0)
}

function isRenderer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')
  } catch {
    return false
  }
}

async function clear(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Clear finished' }).click()
  await page.locator('.transfer').first().waitFor({ state: 'detached' })
}
