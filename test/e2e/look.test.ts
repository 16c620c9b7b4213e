import axe from 'axe-core'
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ChromiumExtension, startChromiumExtension } from '../harness/chromium.ts'
import { scenes } from './scenes.ts'
import { type Stage, setStage, showFinger } from './stage.ts'

const desktop = { width: 1440, height: 900, deviceScaleFactor: 1, mobile: false }
const phone = { width: 360, height: 740, deviceScaleFactor: 1, mobile: true }

let stage: Stage
let extension: ChromiumExtension

beforeAll(async () => {
  ;[stage, extension] = await Promise.all([setStage(), startChromiumExtension()])
})

afterAll(() => Promise.all([stage?.close(), extension?.close()]))

/** What axe-core finds on the page as it stands, in both themes; the terminal's own colours are those of the program in it. */
async function findings(page: Page): Promise<string[]> {
  // Injected past the page's policy, as a browser's own tools are; once in a document.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(`${axe.source}; void 0`)
  return page.evaluate(async () => {
    // `axe` is what the script above has just defined.
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    const run = async (theme: string, runOnly?: string[]) => {
      document.documentElement.dataset.theme = theme
      const { violations } = await axe.run(
        { exclude: ['.xterm'] },
        { resultTypes: ['violations'], selectors: false, preload: false, ...(runOnly && { runOnly }) },
      )
      return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${theme}: ${id}: ${node.html.slice(0, 160)}`))
    }
    // The themes differ in nothing but colour.
    const found = [...(await run('dark')), ...(await run('light', ['color-contrast']))]
    delete document.documentElement.dataset.theme
    return found
  })
}

/** Turns the window into that of another device, and waits until it is drawn. */
async function become(device: typeof phone, page: Page, cdp: CDPSession): Promise<void> {
  await Promise.all([
    cdp.send('Emulation.setDeviceMetricsOverride', device),
    cdp.send('Emulation.setTouchEmulationEnabled', { enabled: device.mobile }),
  ])
  await page.evaluate(
    ({ width, mobile }) =>
      new Promise<void>((resolve) => {
        const look = (frames: number) => {
          const there = innerWidth === width && matchMedia('(pointer: coarse)').matches === mobile
          // The terminal fits itself to the new size in the first frame.
          if (there && frames > 1) resolve()
          else requestAnimationFrame(() => look(there ? frames + 1 : 0))
        }
        look(0)
      }),
    device,
  )
}

test('axe finds nothing on any screen, in either theme, on a desktop and on a phone', async () => {
  const { context, page } = await stage.open({ reducedMotion: 'reduce' })
  const found: Record<string, string[]> = {}
  const violations: string[] = []
  page.on('console', (message) => {
    if (/Content Security Policy|TrustedHTML|TrustedScript/.test(message.text())) violations.push(message.text())
  })
  const cdp = await context.newCDPSession(page)
  // Each screen is looked at first on the device that the one before was left on: both are played on.
  let device = desktop
  const look = async (name: string) => {
    if (device.mobile) await showFinger(cdp)
    const here = await findings(page)
    if (here.length) found[`${name}, ${device.mobile ? 'phone' : 'desktop'}`] = here
  }
  for await (const name of scenes(page, stage)) {
    await look(name)
    device = device.mobile ? desktop : phone
    await become(device, page, cdp)
    await look(name)
  }
  expect(violations).toEqual([])
  expect(found).toEqual({})
}, 180_000)

test('axe finds nothing in the extension, which knows no relay at first', async () => {
  const page = await extension.open(`${extension.origin}/app.html`)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.getByText('A relay makes the connections').waitFor()
  expect(await findings(page)).toEqual([])
})
