import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

/** Chromium with pages that are left alone while something is measured in them. */
export interface Unwatched {
  /** Another one after each `measure`, and so are its pages. */
  readonly context: BrowserContext
  readonly pid: number
  /** Directory into which it downloads while nobody listens. */
  readonly downloads: string
  /** The page whose address begins so. */
  page(address: string): Page
  /**
   * Runs `work` in a page while nobody listens: what drives the browser otherwise has every frame of every WebSocket told to
   * it, which costs more than what is measured. @param arg what JSON can say @returns what JSON can say
   */
  measure<T, A>(address: string, work: (arg: A) => Promise<T>, arg: A): Promise<T>
  close(): Promise<void>
}

/** Starts Debian's Chromium, headless, with a profile of its own; without WebGL a terminal draws text that can be read. */
export async function startUnwatched(): Promise<Unwatched> {
  const profile = await mkdtemp(join(tmpdir(), 'fairlead-unwatched-'))
  const child = spawn(
    '/usr/bin/chromium',
    [
      '--headless',
      '--no-sandbox',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      '--window-size=1200,800',
      '--no-first-run',
      '--disable-3d-apis',
      '--disable-background-networking',
      '--disable-component-update',
      'about:blank',
    ],
    { stdio: 'ignore', env: { ...process.env, HOME: profile } },
  )
  const told = new Told()
  const port = await debuggingPort(profile)
  let browser: Browser
  let context: BrowserContext
  const connect = async () => {
    browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
    ;[context] = browser.contexts() as [BrowserContext]
    context.setDefaultTimeout(300_000)
  }
  await connect()
  const page = (address: string) => {
    const found = context.pages().find((one) => one.url().startsWith(address))
    if (!found) throw new Error(`no page is at ${address}`)
    return found
  }
  return {
    get context() {
      return context
    },
    pid: child.pid ?? 0,
    downloads: join(profile, 'Downloads'),
    page,
    async measure(address, work, arg) {
      const url = await told.url
      await page(address).bringToFront()
      await page(address).evaluate(`(${begin})(${work}, ${JSON.stringify(arg)}, ${JSON.stringify(url)})`)
      await browser.close()
      const { value, error } = await told.begin()
      await connect()
      if (error !== undefined) throw new Error(error)
      return value
    },
    async close() {
      await browser.close()
      child.kill()
      if (child.exitCode === null) await once(child, 'exit')
      told.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** In the page: waits until it is let begin, works, and says what has come of it. */
function begin<T, A>(work: (arg: A) => Promise<T>, arg: A, url: string): void {
  const tell = (path: string, body = '') => fetch(url + path, { method: 'POST', mode: 'no-cors', body })
  tell('/ready')
    .then(() => work(arg))
    .then(
      (value) => tell('/done', JSON.stringify({ value })),
      (error) => tell('/done', JSON.stringify({ error: String(error) })),
    )
}

/** Where a page says that it is ready, and what has come of it. */
class Told {
  readonly url: Promise<string>
  readonly #server = createServer((request, response) => void this.#hear(request.url ?? '', request, response))
  #ready: ((response: ServerResponse) => void) | undefined
  #waiting: ServerResponse | undefined
  #done: (body: string) => void = () => undefined

  constructor() {
    this.#server.listen(0, '127.0.0.1')
    this.url = once(this.#server, 'listening').then(
      () => `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
    )
  }

  /** Lets the page begin; resolves with what it says. */
  async begin() {
    const said = new Promise<string>((resolve) => {
      this.#done = resolve
    })
    const waiting = this.#waiting ?? (await new Promise<ServerResponse>((resolve) => (this.#ready = resolve)))
    this.#waiting = undefined
    waiting.end()
    return JSON.parse(await said)
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #hear(path: string, request: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    if (path === '/ready') {
      if (this.#ready) this.#ready(response)
      else this.#waiting = response
      this.#ready = undefined
      return
    }
    response.end()
    this.#done(Buffer.concat(parts).toString())
  }
}

/** The port at which a browser says that it can be driven. */
async function debuggingPort(profile: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const said = await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '')
    const [port] = said.split('\n')
    if (port) return port
    if (tries > 200) throw new Error('Chromium does not start')
    await pause(50)
  }
}
