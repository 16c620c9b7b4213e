import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { enter, logIn, type Stage, setStage, waitForScreen } from './stage.ts'

const cuts = 20
/** Lines typed before each cut. */
const typedLines = 12

let stage: Stage

beforeEach(async () => {
  stage = await setStage()
})
afterEach(() => stage.close())

const digest = (text: string) => createHash('sha256').update(text).digest('hex')

test('N-RPL-01 a page is cut off twenty times in the middle of a stream both ways: both arrive exactly', async () => {
  const { context, page } = await stage.open()
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(stage.address).origin })
  await enter(page, stage.address)
  await logIn(page, stage)
  const app = new AppPage(page)
  // Fetched before the cuts: on plain http Chromium takes a module for whole whose header was cut short.
  await app.runCommand('Clear the terminal')
  // As long as there are cuts to make, however long that takes; the scrollback holds them.
  const print = `i=0; while [ ! -e ~/site/enough ]; do echo out-$i; i=$((i+1)); sleep 0.01; done; echo all-"out"-$i`
  await app.type(`stty -echo; clear; (${print}) & cat > ~/typed.txt\n`)
  await waitForScreen(page, 'out-1')

  const last = () =>
    page.evaluate(() => {
      const rows = [...document.querySelectorAll('.xterm-rows > div')]
      return Math.max(...rows.map((row) => Number(/^out-(\d+)/.exec(row.textContent ?? '')?.[1] ?? 0)))
    })
  let typed = ''
  for (let cut = 0; cut < cuts; cut++) {
    const text = Array.from({ length: typedLines }, (_, line) => `in-${cut * typedLines + line}\n`).join('')
    typed += text
    const before = stage.cut.count
    // Every second one is in the middle of the stream; the others come with the next connection, most in its handshake.
    const seen = await last()
    if (cut % 2 === 0) await expect.poll(last, { timeout: 20_000 }).toBeGreaterThan(seen)
    stage.cut.cutAfter(1 + Math.floor(Math.random() * 1200))
    await page.keyboard.type(text)
    await expect.poll(() => stage.cut.count, { timeout: 20_000 }).toBeGreaterThan(before)
  }
  await writeFile(join(stage.sshd.home, 'site', 'enough'), '')
  await waitForScreen(page, 'all-out')
  await page.keyboard.press('Control+D')
  await app.sh('true')

  await expect
    .poll(async () => digest(await readFile(join(stage.sshd.home, 'typed.txt'), 'utf8')), { timeout: 20_000 })
    .toBe(digest(typed))
  await app.runCommand('Select all')
  await app.runCommand('Copy')
  const shown = await page.evaluate(() => navigator.clipboard.readText())
  const count = Number(shown.match(/^all-out-(\d+)/m)?.[1])
  expect(count).toBeGreaterThan(cuts)
  const printed = Array.from({ length: count }, (_, line) => `out-${line}`).join('\n')
  expect(digest(shown.match(/^out-\d+/gm)?.join('\n') ?? '')).toBe(digest(printed))
})
