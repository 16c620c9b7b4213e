import { setTimeout as pause } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { startChromium } from '../harness/chromium.ts'
import { startCut } from '../harness/cut.ts'
import { interleave, median } from './figures.ts'
import { openApp } from './page.ts'
import type { Row } from './report.ts'
import type { Stage } from './stage.ts'

declare global {
  interface Window {
    /** ms from the last key until the terminal, or what is guessed over it, showed a line with this end. */
    perceived: Promise<number>
  }
}

/** ms of the way to the relay, there as back. */
const WAY = 75
/** ms between two keys, as a quick hand types. */
const PAUSE = 100
const line = 'the quick brown fox jumps over the lazy dog'.replaceAll(' ', '')

/** From a key to its character on the screen, over a line of 150 ms, with and without guesses. */
export async function perceived(stage: Stage): Promise<Row[]> {
  const chromium = await startChromium({ workers: true })
  const cut = await startCut(Number(new URL(stage.relay.url).port))
  cut.delay = WAY
  try {
    const relay = { ...stage.relay, url: `http://127.0.0.1:${cut.port}/` }
    const app = await openApp(chromium.context, { ...stage, relay })
    const ways = [
      { name: 'echo', setting: 'Never' },
      { name: 'guess', setting: 'On slow lines' },
    ]
    const times = await interleave(stage.rounds, ways, ({ setting }) => typed(app, setting))
    if (chromium.errors.length > 0) throw new Error(`the page reports ${chromium.errors.join('; ')}`)
    const metric = `key to character over ${2 * WAY} ms`
    const echoed = median(times.echo ?? [])
    return [
      { metric: `${metric}, echoed`, unit: 'ms', ours: echoed },
      {
        metric: `${metric}, guessed`,
        unit: 'ms',
        limit: { name: 'without guesses', figure: echoed },
        ours: median(times.guess ?? []),
        // Two frames.
        goal: { bound: 'at most', plus: 33 },
      },
    ]
  } finally {
    await chromium.close()
    await cut.close()
  }
}

/** ms of each key of a line but the first, of which nobody can know whether the host will echo it. */
async function typed(app: Page, setting: string): Promise<number[]> {
  await app.keyboard.press('Control+Shift+P')
  await app.getByRole('combobox').fill('Settings')
  await app.getByRole('option', { name: 'Settings' }).first().click()
  await app.getByLabel('Predict echo').selectOption(setting)
  await app.getByRole('button', { name: 'Done' }).click()
  await app.locator('.terminal-place textarea').focus()
  await app.keyboard.press('Control+c')
  await app.evaluate(() => window.lineShown('^bench\\$$'))
  // What was typed while the answer to Ctrl-C was awaited is not guessed.
  await app.keyboard.type(line.charAt(0))
  await app.evaluate((first) => window.lineShown(`\\$ ${first}$`), line.charAt(0))
  const times: number[] = []
  for (let end = 2; end <= line.length; end++) {
    await watchFor(app, line.slice(0, end))
    await app.keyboard.press(line.charAt(end - 1))
    times.push(await app.evaluate(() => window.perceived))
    await pause(PAUSE)
  }
  return times
}

/** The page looks once a frame, from the key on. */
function watchFor(app: Page, text: string): Promise<void> {
  return app.evaluate((wanted) => {
    const shown = () => {
      const rows = [...document.querySelectorAll('.xterm-rows > div')]
      const echoed = rows.findLast((row) => row.textContent?.trim())?.textContent?.trim()
      const guessed = [...document.querySelectorAll<HTMLElement>('.prediction:not([hidden]) > .guess')]
      guessed.sort((a, b) => a.offsetLeft - b.offsetLeft)
      return `${echoed}${guessed.map((cell) => cell.textContent).join('')}`.endsWith(wanted)
    }
    window.perceived = new Promise((resolve) => {
      const typed = () => {
        const start = performance.now()
        const look = () => {
          if (shown()) resolve(performance.now() - start)
          else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      }
      addEventListener('keydown', typed, { once: true, capture: true })
    })
  }, text)
}
