import { readFile, stat } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { interleave, median } from './figures.ts'
import type { Row } from './report.ts'
import type { RelayProcess, Stage } from './stage.ts'
import { watchLines } from './watch.ts'

const KB = 1000

/** What a first visit fetches, and how long it takes from the address to a prompt. */
export async function firstLoad({ app, startRelay, rounds }: Stage): Promise<Row[]> {
  const relay = await startRelay('--host')
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--disable-background-networking'],
  })
  try {
    const visits: Visit[] = []
    await interleave(rounds, [{ name: 'app' }], async () => {
      visits.push(await visit(browser, relay))
      return []
    })
    const first = await needed(app)
    const all = new Set([...first, ...visits.flatMap(({ files }) => files)])
    return [
      await sizeRow('first load, JS + CSS, gzip', app, first, '.gz', 130),
      await sizeRow('first load, JS + CSS, brotli', app, first, '.br'),
      await sizeRow('everything to the first prompt, gzip', app, all, '.gz'),
      await sizeRow('everything to the first prompt, brotli', app, all, '.br'),
      {
        metric: 'navigation to home',
        unit: 'ms',
        ours: median(visits.map(({ home }) => home)),
      },
      {
        metric: 'navigation to prompt on the screen',
        unit: 'ms',
        ours: median(visits.map(({ prompt }) => prompt)),
        goal: { bound: 'at most', plus: 450 },
      },
    ]
  } finally {
    await browser.close()
    await relay.close()
  }
}

interface Visit {
  /** ms from the navigation to the button of the relay's own host, and to the prompt of its shell. */
  home: number
  prompt: number
  /** Scripts and styles that were fetched, as paths in the app. */
  files: string[]
}

/** A visit with nothing cached, by somebody who clicks at once. */
async function visit(browser: Browser, relay: RelayProcess): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } })
  try {
    const page = await context.newPage()
    await watchLines(page)
    const files: string[] = []
    page.on('response', (response) => {
      if (/\.(js|css)$/.test(response.url())) files.push(new URL(response.url()).pathname.slice(1))
    })
    await page.goto(relay.launchUrl, { waitUntil: 'commit' })
    const times = await page.evaluate(async () => {
      const button = await new Promise<HTMLElement>((resolve) => {
        const look = () => {
          const found = [...document.querySelectorAll('button')].find((one) =>
            one.textContent?.includes('This machine'),
          )
          if (found) resolve(found)
          else requestAnimationFrame(look)
        }
        look()
      })
      const home = performance.now()
      button.click()
      return { home, prompt: await window.lineShown('[#$%>]$') }
    })
    return { ...times, files }
  } finally {
    await context.close()
  }
}

/** Scripts and styles that the page names, and what those import without being asked. */
async function needed(app: string): Promise<Set<string>> {
  const html = await readFile(join(app, 'index.html'), 'utf8')
  const found = new Set<string>()
  const add = async (path: string): Promise<void> => {
    if (found.has(path)) return
    found.add(path)
    if (!path.endsWith('.js')) return
    const script = await readFile(join(app, path), 'utf8')
    for (const [, name = ''] of script.matchAll(/(?:\bfrom|\bimport)\s*["'](\.[^"']+\.js)["']/g)) {
      await add(normalize(join(path, '..', name)))
    }
  }
  for (const [, path = ''] of html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)) await add(path)
  return found
}

async function sizeRow(metric: string, app: string, files: Set<string>, ending: string, most?: number): Promise<Row> {
  let bytes = 0
  for (const file of files) bytes += (await stat(join(app, `${file}${ending}`))).size
  return {
    metric,
    unit: 'KB',
    ours: bytes / KB,
    ...(most !== undefined && { goal: { bound: 'at most', plus: most } }),
  }
}
