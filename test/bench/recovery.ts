import { startChromium } from '../harness/chromium.ts'
import { startCut } from '../harness/cut.ts'
import { percentile } from './figures.ts'
import { openApp } from './page.ts'
import type { Row } from './report.ts'
import type { Stage } from './stage.ts'

declare global {
  interface Window {
    /** ms since the page began, when its last socket was open. */
    linkUp: number
    /** ms from the next open socket to the first line that is drawn after it. */
    recovered: Promise<number>
  }
}

/** How often the way to the relay is cut in a round. */
const CUTS = 10

/** From a link that is up again to output that is live again, in the page, while a program talks on. */
export async function recovery(stage: Stage): Promise<Row[]> {
  const chromium = await startChromium({ workers: true })
  const cut = await startCut(Number(new URL(stage.relay.url).port))
  try {
    await chromium.context.addInitScript(() => {
      window.WebSocket = class extends WebSocket {
        constructor(...all: ConstructorParameters<typeof WebSocket>) {
          super(...all)
          this.addEventListener('open', () => {
            window.linkUp = performance.now()
          })
        }
      }
    })
    const page = await openApp(chromium.context, {
      ...stage,
      relay: { ...stage.relay, url: `http://127.0.0.1:${cut.port}/` },
    })
    await page.keyboard.type('while :; do echo tick; sleep 0.01; done\n')
    const times: number[] = []
    for (let count = 0; count < CUTS * stage.rounds; count++) {
      await page.evaluate(() => {
        const before = window.linkUp
        window.recovered = new Promise((resolve) => {
          const rows = document.querySelector('.xterm-rows')
          const watch = new MutationObserver(() => {
            if (window.linkUp === before) return
            watch.disconnect()
            resolve(performance.now() - window.linkUp)
          })
          if (rows) watch.observe(rows, { childList: true, subtree: true })
        })
      })
      cut.cut()
      times.push(await page.evaluate(() => window.recovered))
    }
    return [50, 95].map((share) => ({
      metric: `a cut, from link up to live, p${share}`,
      unit: 'ms',
      ours: percentile(times, share),
      goal: { bound: 'at most', plus: 50 } as const,
    }))
  } finally {
    await chromium.close()
    await cut.close()
  }
}
