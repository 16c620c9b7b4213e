import { mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { BrowserContextOptions } from 'playwright-core'
import { scenes } from './scenes.ts'
import { setStage, showFinger } from './stage.ts'

const pictures = fileURLToPath(new URL('../output/screens/', import.meta.url))

const devices: { options: BrowserContextOptions; sizes: { width: number; height: number }[] }[] = [
  {
    options: {},
    sizes: [
      { width: 1440, height: 900 },
      { width: 768, height: 1024 },
      { width: 2560, height: 1440 },
    ],
  },
  { options: { hasTouch: true, isMobile: true, deviceScaleFactor: 2 }, sizes: [{ width: 360, height: 740 }] },
]

/** Takes a picture of every screen at every size in both themes; `only` are names of scenes. */
export async function takePictures(only: readonly string[]): Promise<void> {
  await rm(pictures, { recursive: true, force: true })
  await mkdir(pictures, { recursive: true })
  for (const { options, sizes } of devices) {
    const stage = await setStage()
    const { page, context } = await stage.open({ workers: true, ...options, ...(sizes[0] && { viewport: sizes[0] }) })
    const cdp = await context.newCDPSession(page)
    try {
      for await (const name of scenes(page, stage, 40)) {
        if (only.length && !only.includes(name)) continue
        if (options.hasTouch) await showFinger(cdp)
        for (const size of sizes) {
          if (sizes.length > 1) await page.setViewportSize(size)
          for (const colorScheme of ['dark', 'light'] as const) {
            await page.emulateMedia({ colorScheme })
            // Two frames: the terminal fits itself to the new size in the first.
            await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
            await page.screenshot({
              path: `${pictures}${name}-${size.width}-${colorScheme}.png`,
              animations: 'disabled',
            })
          }
        }
        const [first] = sizes
        if (sizes.length > 1 && first) await page.setViewportSize(first)
        await page.emulateMedia({ colorScheme: 'dark' })
      }
    } catch (error) {
      await page.screenshot({ path: `${pictures}0-stopped-here.png` })
      throw error
    } finally {
      await stage.close()
    }
  }
}
