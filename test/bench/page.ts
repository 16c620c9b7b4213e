import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, normalize } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { build } from 'vite'
import { startChromium } from '../harness/chromium.ts'
import { interleave, median } from './figures.ts'
import type { Row } from './report.ts'
import { prompt, type Stage } from './stage.ts'
import { watchLines } from './watch.ts'

declare global {
  interface Window {
    /** ms from the key to the prompt. */
    answer: Promise<number>
  }
}

/** ms for which `yes` floods the page before Ctrl-C. */
const FLOOD_MS = 1000
const promptLine = '^bench\\$$'

/** The log into the app's page, against the same terminal fed from memory; and Ctrl-C there until the prompt is back. */
export async function page(stage: Stage): Promise<Row[]> {
  const { log, rounds } = stage
  const chromium = await startChromium()
  const server = await serve(stage)
  try {
    const app = await openApp(chromium.context, stage)
    const memory = await openLimit(chromium.context, app, server.url)
    const ways = [
      { name: 'memory', show: () => showFromMemory(memory) },
      { name: 'app', show: () => run(app, stage.programs.printLog) },
    ]
    const rates = await interleave(rounds, ways, async ({ show }) => [log.ptyBytes / 1000 / (await show())])
    const stops = await interleave(rounds, [{ name: 'app' }], async () => [await stop(app)])
    if (chromium.errors.length > 0) throw new Error(`the pages report ${chromium.errors.join('; ')}`)
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
async function openLimit(context: BrowserContext, app: Page, url: string): Promise<Page> {
  const size = await app.locator('.terminal-place').boundingBox()
  if (!size) throw new Error('the app shows no terminal')
  const limit = await context.newPage()
  await watchLines(limit)
  await limit.goto(url)
  await limit.evaluate(([width, height]) => window.limitPage.open(width, height, 'log'), [
    size.width,
    size.height,
  ] as const)
  return limit
}

/** ms from the first write to the prompt on the screen. */
async function showFromMemory(limit: Page): Promise<number> {
  await limit.bringToFront()
  return limit.evaluate(
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
async function run(app: Page, command: string): Promise<number> {
  await app.bringToFront()
  await app.keyboard.type(command)
  // The prompt of the round before stands on the last line no more.
  await app.evaluate((line) => window.lineShown(line), `${command.slice(-8)}$`)
  return timed(app, 'Enter')
}

/** ms from Ctrl-C to the prompt on the screen. */
async function stop(app: Page): Promise<number> {
  await app.keyboard.type('yes\n')
  await pause(FLOOD_MS)
  return timed(app, 'Control+c')
}

async function timed(app: Page, key: string): Promise<number> {
  // The page listens before the key goes out: the two take different ways into the browser.
  await app.evaluate((line) => {
    window.answer = new Promise((resolve, reject) => {
      const answered = () => {
        const start = performance.now()
        window.lineShown(line).then((shown) => resolve(shown - start), reject)
      }
      addEventListener('keydown', answered, { once: true, capture: true })
    })
  }, promptLine)
  await app.keyboard.press(key)
  return app.evaluate(() => window.answer)
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
