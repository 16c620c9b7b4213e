import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { type Cut, startCut } from '../harness/cut.ts'
import type { TestRelay } from '../harness/relay.ts'
import type { Stage } from './stage.ts'

type Limits = Partial<TestRelay['config']['limits']>

/** A shell on a relay of its own behind a proxy, in a page that may read the clipboard. */
export class Counting {
  app: AppPage
  readonly relay: TestRelay
  readonly cut: Cut
  readonly context: BrowserContext
  readonly #home: string

  private constructor(home: string, relay: TestRelay, cut: Cut, context: BrowserContext, page: Page) {
    this.#home = home
    this.relay = relay
    this.cut = cut
    this.context = context
    this.app = new AppPage(page)
  }

  static async open(stage: Stage, limits: Limits = {}): Promise<Counting> {
    const relay = await stage.startRelay({ limits })
    const cut = await startCut(relay.port)
    const { context, page } = await stage.open({ workers: true, permissions: ['clipboard-read', 'clipboard-write'] })
    const counting = new Counting(stage.sshd.home, relay, cut, context, page)
    await page.goto(counting.url)
    await counting.app.openShell(stage.sshd)
    return counting
  }

  get url(): string {
    return `http://127.0.0.1:${this.cut.port}/`
  }

  /** Starts a program that counts lines until it is told to stop. */
  async start(): Promise<void> {
    await rm(join(this.#home, 'stop'), { force: true })
    const count = 'i=$((i+1)); echo "number $i"; sleep .004'
    await this.app.type(`cd; clear; until [ -e stop ]; do ${count}; done; echo ov""er $i\n`)
  }

  /** Waits until the page has shown numbers that are higher than any before. */
  async goesOn(): Promise<void> {
    const before = Number((await this.app.waitFor(/^number \d+/)).match(/\d+/)?.[0])
    await this.app.page.waitForFunction((number) => {
      const rows = [...document.querySelectorAll('.tab-panel:not([hidden]) .xterm-rows > div')]
      return rows.some((row) => Number(row.textContent?.match(/^number\s(\d+)/)?.[1]) > number + 40)
    }, before)
  }

  /** The numbers that the terminal holds, as a person would copy them. */
  async numbers(): Promise<number[]> {
    await this.app.runCommand('Select all')
    await this.app.runCommand('Copy')
    const text = await this.app.page.evaluate(() => navigator.clipboard.readText())
    return [...text.matchAll(/^number (\d+)\s*$/gm)].map(([, number]) => Number(number))
  }

  /** Ends the counting and expects every number once, in order, up to the last, as far back as a terminal keeps them. */
  async expectAll(): Promise<void> {
    await writeFile(join(this.#home, 'stop'), '')
    const last = Number((await this.app.waitFor(/^over \d+/)).match(/\d+/)?.[0])
    const numbers = await this.numbers()
    expect(numbers.length).toBeGreaterThanOrEqual(Math.min(last, 5_000))
    expect(numbers).toEqual(numbers.map((_, at) => last - numbers.length + 1 + at))
    await rm(join(this.#home, 'stop'))
  }

  /** The page stalls in a flood of 120,000 lines for so long: nothing of it runs meanwhile. */
  async stall(ms: number): Promise<void> {
    const flood = 'until [ -e go ]; do sleep .01; done; seq -f "number %.0f" 120000; echo ov""er 120000'
    await rm(join(this.#home, 'go'), { force: true })
    await this.app.type(`cd; clear; ${flood}\n`)
    await this.app.page.evaluate((long) => {
      setTimeout(() => {
        const end = performance.now() + long
        while (performance.now() < end);
      }, 0)
    }, ms)
    await writeFile(join(this.#home, 'go'), '')
  }

  /** Expects the end of the flood, as far back as the terminal keeps it, without a line that is missing. */
  async expectFlood(): Promise<void> {
    // Is answered when the page runs again.
    await this.app.page.evaluate(() => undefined)
    await this.app.waitFor(/^over 120000/)
    const numbers = await this.numbers()
    expect(numbers.length).toBeGreaterThan(5_000)
    expect(numbers).toEqual(numbers.map((_, at) => 120_000 - numbers.length + 1 + at))
  }

  /** Whether the relay has let a socket go that did not answer. */
  get letGo(): boolean {
    return this.relay.events.some(({ event, reason }) => event === 'socket-close' && reason === 'ping timeout')
  }

  /** Moves the page's date, and nothing else that measures time. */
  async moveClock(ms: number): Promise<void> {
    await this.app.page.evaluate((by) => {
      const now = Date.now
      Date.now = () => now() + by
    }, ms)
  }

  /** The renderer dies, and the app is opened in another page. */
  async crash(): Promise<void> {
    const { page } = this.app
    const crashed = page.waitForEvent('crash')
    const cdp = await this.context.newCDPSession(page)
    void cdp.send('Page.crash').catch(() => undefined)
    await crashed
    this.app = new AppPage(await this.context.newPage())
    await this.app.page.goto(this.url)
  }

  async close(): Promise<void> {
    await this.context.close()
    await this.cut.close()
    await this.relay.close()
  }
}
