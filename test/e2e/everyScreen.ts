import type { CDPSession, Page } from 'playwright-core'
import { findings } from '../harness/axe.ts'
import { scenes } from './scenes.ts'
import { type Stage, showFinger } from './stage.ts'

/** A window, and whether a finger is used in it. */
interface Device {
  width: number
  height: number
  deviceScaleFactor: number
  mobile: boolean
}

export const desktop: Device = { width: 1440, height: 900, deviceScaleFactor: 1, mobile: false }
export const phone: Device = { width: 360, height: 740, deviceScaleFactor: 1, mobile: true }

/** Turns the window into that of another device, and waits until it is drawn. */
async function become(device: Device, page: Page, cdp: CDPSession): Promise<void> {
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

/**
 * What axe finds on each screen in both themes, by screen and device; and what the page's policy had to stop.
 * @param devices on which each screen is looked at, of which the first is that of a new window
 */
export async function everyScreen(
  stage: Stage,
  devices: readonly Device[],
): Promise<{ found: Record<string, string[]>; violations: string[] }> {
  const { context, page } = await stage.open({ workers: true, reducedMotion: 'reduce' })
  const found: Record<string, string[]> = {}
  const violations: string[] = []
  page.on('console', (message) => {
    if (/Content Security Policy|TrustedHTML|TrustedScript/.test(message.text())) violations.push(message.text())
  })
  const cdp = await context.newCDPSession(page)
  let here = devices[0]
  for await (const name of scenes(page, stage)) {
    // Each screen is looked at first on the device that the one before was left on: all are played on.
    for (const device of [...devices].sort((a, b) => Number(b === here) - Number(a === here))) {
      if (device !== here) await become(device, page, cdp)
      here = device
      if (device.mobile) await showFinger(cdp)
      const faults = await findings(page)
      if (faults.length) found[`${name}, ${device.mobile ? 'phone' : 'desktop'}`] = faults
    }
  }
  return { found, violations }
}
