import type { Page } from 'playwright-core'

declare global {
  interface Window {
    /** ms since the page began, when the last line that the terminal had drawn matched the pattern; rejects after a minute. */
    lineShown(pattern: string): Promise<number>
  }
}

/** Gives the page `lineShown`, which looks once a frame; it sees what is drawn by elements, not by WebGL. */
export async function watchLines(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.lineShown = (pattern) =>
      new Promise((resolve, reject) => {
        const patience = performance.now() + 60_000
        const look = () => {
          const rows = [...document.querySelectorAll('.xterm-rows > div')]
          const last = rows.findLast((row) => row.textContent?.trim())?.textContent?.trim()
          const now = performance.now()
          if (last !== undefined && new RegExp(pattern).test(last)) resolve(now)
          else if (now > patience) reject(new Error(`the terminal shows ${JSON.stringify(last)}, not ${pattern}`))
          else requestAnimationFrame(look)
        }
        look()
      })
  })
}
