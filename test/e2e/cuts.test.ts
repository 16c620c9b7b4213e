import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { enter, logIn, type Stage, setStage, waitForScreen } from './stage.ts'

const cuts = 20
/** Lines typed before each cut, and printed in all; the scrollback holds them. */
const lines = { typed: 12, printed: 1500 }

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
  const count = `i=0; while [ $i -lt ${lines.printed} ]; do echo out-$i; i=$((i+1)); sleep 0.005; done; echo all-"out"`
  await app.type(`stty -echo; clear; (${count}) & cat > ~/typed.txt\n`)
  await waitForScreen(page, 'out-1')

  let typed = ''
  for (let cut = 0; cut < cuts; cut++) {
    const text = Array.from({ length: lines.typed }, (_, line) => `in-${cut * lines.typed + line}\n`).join('')
    typed += text
    const before = stage.cut.count
    stage.cut.cutAfter(1 + Math.floor(Math.random() * 1200))
    await page.keyboard.type(text)
    await expect.poll(() => stage.cut.count, { timeout: 20_000 }).toBeGreaterThan(before)
  }
  await waitForScreen(page, 'all-out')
  await page.keyboard.press('Control+D')
  await app.sh('true')

  await expect
    .poll(async () => digest(await readFile(join(stage.sshd.home, 'typed.txt'), 'utf8')), { timeout: 20_000 })
    .toBe(digest(typed))
  await app.runCommand('Select all')
  await app.runCommand('Copy')
  const shown = await page.evaluate(() => navigator.clipboard.readText())
  const printed = Array.from({ length: lines.printed }, (_, line) => `out-${line}`).join('\n')
  expect(digest(shown.match(/^out-\d+/gm)?.join('\n') ?? '')).toBe(digest(printed))
})
