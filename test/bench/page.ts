import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'
import { interleave, median } from './figures.ts'
import type { Row } from './report.ts'
import { prompt, type Stage } from './stage.ts'
import { startUnwatched, type Unwatched } from './unwatched.ts'
import { watchLines } from './watch.ts'

declare global {
  interface Window {
    /** ms of each task that held the page up for 50 ms or longer (Long Tasks API). */
    longTasks: number[]
  }
}

/** ms for which `yes` floods the page before Ctrl-C. */
const FLOOD_MS = 1000
const promptLine = '^bench\\$$'

/** The log into the app's page, against the same terminal fed from memory; and Ctrl-C there until the prompt is back. */
export async function page(stage: Stage): Promise<Row[]> {
  const { log, rounds } = stage
  const chromium = await startUnwatched()
  const server = await serve(stage)
  const { url } = stage.relay
  try {
    await openLimit(chromium.context, await openApp(chromium.context, stage), server.url)
    const ways = [
      { name: 'memory', show: () => showFromMemory(chromium, server.url) },
      { name: 'app', show: () => run(chromium, url, stage.programs.printLog) },
    ]
    const rates = await interleave(rounds, ways, async ({ show }) => [log.ptyBytes / 1000 / (await show())])
    await watchLongTasks(chromium.page(url))
    const stops = await interleave(rounds, [{ name: 'app' }], async () => [await stop(chromium, url)])
    const held = await chromium.page(url).evaluate(() => Math.max(0, ...window.longTasks))
    return [
      {
        metric: 'the log, seen in the page',
        unit: 'MB/s',
        limit: { name: 'xterm.js from memory', figure: median(rates.memory ?? []) },
        ours: median(rates.app ?? []),
        goal: { bound: 'at least', factor: 0.9 },
      },
      {
        metric: 'Ctrl-C during yes, prompt back in the page',
        unit: 'ms',
        ours: median(stops.app ?? []),
        goal: { bound: 'at most', plus: 100 },
      },
      {
        metric: 'the longest task of the page in them',
        unit: 'ms',
        ours: held,
        goal: { bound: 'at most', plus: 200 },
      },
    ]
  } finally {
    await chromium.close()
    await server.close()
  }
}

/** The app with a shell on the host, as a person opens it. */
export async function openApp(
  context: BrowserContext,
  { relay, sshd, programs }: Pick<Stage, 'relay' | 'sshd' | 'programs'>,
): Promise<Page> {
  const app = await context.newPage()
  await watchLines(app)
  await app.goto(relay.url)
  const input = app.getByLabel('Host, ssh command or link')
  await input.fill(`ssh -p ${sshd.port} ${sshd.username}@${sshd.host} ${programs.shell}`)
  await input.press('Enter')
  await app.getByRole('button', { name: 'Trust and connect' }).click()
  await app.locator('input[type=password]').fill(sshd.password)
  await app.getByRole('button', { name: 'Log in' }).click()
  await app.evaluate((line) => window.lineShown(line), promptLine)
  return app
}

/** The limit's page, its terminal in the size of the app's. */
async function openLimit(context: BrowserContext, app: Page, url: string): Promise<void> {
  const size = await app.locator('.terminal-place').boundingBox()
  if (!size) throw new Error('the app shows no terminal')
  const limit = await context.newPage()
  await watchLines(limit)
  await limit.goto(url)
  await limit.evaluate(([width, height]) => window.limitPage.open(width, height, 'log'), [
    size.width,
    size.height,
  ] as const)
}

/** ms from the first write to the prompt on the screen. */
function showFromMemory(chromium: Unwatched, url: string): Promise<number> {
  return chromium.measure(
    url,
    async ([line, text]) => {
      // As a command does that was typed: the prompt of the round before stands on the last line no more.
      window.limitPage.write('log')
      await window.lineShown('log$')
      const start = performance.now()
      window.limitPage.show(`\r\n${text} `)
      return (await window.lineShown(line)) - start
    },
    [promptLine, prompt] as const,
  )
}

/** ms from Enter to the prompt on the screen. */
async function run(chromium: Unwatched, url: string, command: string): Promise<number> {
  await type(chromium.page(url), command)
  return chromium.measure(
    url,
    async (line) => {
      const start = performance.now()
      document
        .querySelector('.terminal-place textarea')
        ?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 13, bubbles: true, cancelable: true }))
      return (await window.lineShown(line)) - start
    },
    promptLine,
  )
}

/** Types a command and waits until it is shown: the prompt of before stands on the last line no more. */
async function type(app: Page, command: string): Promise<void> {
  await app.bringToFront()
  await app.keyboard.type(command)
  await app.evaluate((line) => window.lineShown(line), `${command.slice(-8)}$`)
}

function watchLongTasks(app: Page): Promise<void> {
  return app.evaluate(() => {
    window.longTasks = []
    new PerformanceObserver((list) => {
      window.longTasks.push(...list.getEntries().map(({ duration }) => duration))
    }).observe({ type: 'longtask' })
  })
}

/** ms from Ctrl-C to the prompt on the screen. */
async function stop(chromium: Unwatched, url: string): Promise<number> {
  await type(chromium.page(url), 'yes')
  return chromium.measure(
    url,
    async ([line, flood]) => {
      const terminal = document.querySelector('.terminal-place textarea')
      const press = (key: string, keyCode: number, ctrlKey = false) =>
        terminal?.dispatchEvent(
          new KeyboardEvent('keydown', { key, keyCode, ctrlKey, bubbles: true, cancelable: true }),
        )
      press('Enter', 13)
      await new Promise((resolve) => setTimeout(resolve, flood))
      const start = performance.now()
      press('c', 67, true)
      return (await window.lineShown(line)) - start
    },
    [promptLine, FLOOD_MS] as const,
  )
}

/** Builds the limit's page and serves it with the log as a terminal gets it. */
async function serve({ directory, log }: Stage): Promise<{ url: string; close(): Promise<void> }> {
  const outDir = join(directory, 'limitPage')
  const root = fileURLToPath(new URL('limitPage', import.meta.url))
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true, target: 'chrome123' },
  })
  const shown = Buffer.from((await readFile(log.path, 'utf8')).replaceAll('\n', '\r\n'))
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://limit').pathname)
    const type = { js: 'text/javascript', css: 'text/css', html: 'text/html' }[path.split('.').at(-1) ?? '']
    response.setHeader('content-type', type ?? 'application/octet-stream')
    if (path === '/log') response.end(shown)
    else response.end(await readFile(join(outDir, path)).catch(() => ''))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/index.html`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
