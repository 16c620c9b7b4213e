import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { enter, logIn, type Stage, setStage } from './stage.ts'

interface Point {
  x: number
  y: number
}

let stage: Stage
let page: Page
let app: AppPage
let cdp: CDPSession

beforeAll(async () => {
  stage = await setStage()
})

afterAll(() => stage?.close())

beforeEach(async () => {
  const opened = await stage.open({ viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true })
  page = opened.page
  app = new AppPage(page)
  cdp = await opened.context.newCDPSession(page)
  await enter(page, stage.address)
  await logIn(page, stage)
  return () => opened.context.close()
})

type Touch = 'touchStart' | 'touchMove' | 'touchEnd'

async function touch(type: Touch, ...points: Point[]): Promise<void> {
  await touchAt(undefined, type, ...points)
}

/** @param timestamp seconds since 1970 that the page is told, unless now */
async function touchAt(timestamp: number | undefined, type: Touch, ...points: Point[]): Promise<void> {
  const touchPoints = points.map((point, id) => ({ ...point, id }))
  await cdp.send('Input.dispatchTouchEvent', { type, touchPoints, ...(timestamp && { timestamp }) })
}

/** Draws fingers from where they stand to where they go, in an eighth of a second by their own clock. */
async function drag(from: Point[], to: Point[], steps = 8): Promise<void> {
  const began = Date.now() / 1000
  await touchAt(began, 'touchStart', ...from)
  for (let step = 1; step <= steps; step++) {
    const part = step / steps
    const between = from.map(({ x, y }, finger) => ({
      x: x + ((to[finger]?.x ?? x) - x) * part,
      y: y + ((to[finger]?.y ?? y) - y) * part,
    }))
    await touchAt(began + part / 8, 'touchMove', ...between)
  }
}

const middle = { x: 195, y: 300 }
const fontSize = () =>
  page.locator('.xterm-rows').evaluate((rows) => Number.parseFloat(getComputedStyle(rows).fontSize))

test('two fingers that part make the type larger, and smaller when they meet', async () => {
  const before = await fontSize()
  const apart = (by: number) => [
    { x: middle.x - by, y: middle.y },
    { x: middle.x + by, y: middle.y },
  ]
  await drag(apart(40), apart(64))
  await touch('touchEnd')
  await page.waitForFunction(
    (size) => Number.parseFloat(getComputedStyle(document.querySelector('.xterm-rows') as Element).fontSize) > size,
    before,
  )
  await expect.poll(fontSize).toBeCloseTo(before * 1.6, 0)
  await drag(apart(80), apart(40))
  await touch('touchEnd')
  await page.waitForFunction(
    (size) => Number.parseFloat(getComputedStyle(document.querySelector('.xterm-rows') as Element).fontSize) < size,
    before,
  )
})

test('a finger scrolls what has gone by, and arrows through a program that has the whole screen', async () => {
  await app.sh('seq 300')
  await drag([middle], [{ x: middle.x, y: middle.y + 400 }])
  await touch('touchEnd')
  await page.waitForFunction(() => !document.querySelector('.xterm-rows')?.textContent?.includes('done-'))
  await app.type("printf '\\033[?1049h'; stty -icanon -echo; cat -v\n")
  await page.waitForFunction(() => !/\d{3}/.test(document.querySelector('.xterm-rows')?.textContent ?? '300'))
  await drag([middle], [{ x: middle.x, y: middle.y - 60 }])
  await touch('touchEnd')
  await app.waitFor(/\^\[\[B/)
})

test('a finger that rests selects the word under it, and what it moves over; a tap selects nothing', async () => {
  await app.type("clear; echo alpha 'beta' gamma\n")
  await app.waitFor(/^alpha beta/)
  const word = page.locator('.xterm-rows > div').filter({ hasText: /^alpha beta gamma/ })
  const box = await word.evaluate((row) => {
    const range = document.createRange()
    range.selectNodeContents(row)
    const { x, y, width, height } = range.getBoundingClientRect()
    return { x, y, width, height, letters: row.textContent?.length ?? 1 }
  })
  const letter = box.width / box.letters
  const at = (index: number) => ({ x: box.x + letter * (index + 0.5), y: box.y + box.height / 2 })
  const selected = () =>
    page.evaluate(() => {
      const event = new ClipboardEvent('copy', { clipboardData: new DataTransfer(), bubbles: true, cancelable: true })
      document.querySelector('.tab-panel:not([hidden]) .xterm textarea')?.dispatchEvent(event)
      return event.clipboardData?.getData('text/plain')
    })

  const lines = () => page.locator('.xterm-rows > div').count()
  await touch('touchStart', at(7))
  await page.locator('.xterm-selection > div').first().waitFor({ state: 'attached' })
  await touch('touchEnd')
  await expect.poll(() => selected()).toBe('beta')
  const before = await lines()
  await page.setViewportSize({ width: 390, height: 720 })
  await expect.poll(lines).toBeLessThan(before)
  await expect.poll(() => selected()).toBe('beta')

  await touch('touchStart', middle)
  await touch('touchEnd')
  await page.locator('.xterm-selection > div').first().waitFor({ state: 'detached' })

  await touch('touchStart', at(7))
  await page.locator('.xterm-selection > div').first().waitFor({ state: 'attached' })
  // A keyboard that comes up under the finger takes lines away.
  const then = await lines()
  await page.setViewportSize({ width: 390, height: 660 })
  await touch('touchMove', at(13))
  await touch('touchEnd')
  await expect.poll(lines).toBeLessThan(then)
  await expect.poll(() => selected()).toBe('beta gamma')
})

test('the key bar is there for fingers, goes when a keyboard is used, and comes back', async () => {
  const bar = page.getByRole('toolbar', { name: 'Keys' })
  await touch('touchStart', middle)
  await touch('touchEnd')
  await bar.waitFor()
  await bar.getByRole('button', { name: 'Ctrl' }).tap()
  await page.keyboard.insertText('c')
  await app.waitFor(/\^C/)
  await bar.waitFor()
  await app.type('x')
  await bar.waitFor({ state: 'detached' })
  await page.getByText('×').waitFor()
  await touch('touchStart', middle)
  await touch('touchEnd')
  await bar.waitFor()
})

test('the pane stays above a keyboard on the screen, with the cursor in sight', async () => {
  await app.sh('seq 100')
  // What a browser says when its keyboard comes over the page; without a device no keyboard does.
  await page.evaluate(() => {
    const viewport = visualViewport as VisualViewport
    Object.defineProperty(viewport, 'height', { configurable: true, get: () => innerHeight - 300 })
    viewport.dispatchEvent(new Event('resize'))
  })
  await page.waitForFunction(() => {
    const visible = visualViewport?.height ?? 0
    const bottom = document.querySelector('.key-bar, .status')?.getBoundingClientRect().bottom
    const cursor = document.querySelector('.xterm-cursor')?.getBoundingClientRect()
    return bottom === visible && cursor !== undefined && cursor.bottom < visible
  })
  await expect.poll(() => page.locator('.xterm-cursor').isVisible()).toBe(true)
})
