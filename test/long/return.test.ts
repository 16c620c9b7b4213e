import { afterAll, beforeAll, expect, test } from 'vitest'
import { Counting } from '../e2e/counting.ts'
import { type Stage, setStage } from '../e2e/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await setStage()
})

afterAll(() => stage?.close())

test('N-RPL-01 every line comes once through 20 reloads and 5 crashes of the tab, while the program writes on', async () => {
  const scene = await Counting.open(stage)
  await scene.start()
  for (let time = 1; time <= 20; time++) {
    await scene.goesOn()
    await scene.app.page.reload()
    if (time % 4) continue
    await scene.goesOn()
    await scene.crash()
  }
  await scene.goesOn()
  await scene.expectAll()
  await scene.close()
})

test('N-SLO-01 a page that stalls for 60 s in a flood loses nothing, with the times as they are', async () => {
  const scene = await Counting.open(stage)
  await scene.stall(60_000)
  await expect.poll(() => scene.letGo, { timeout: 60_000, interval: 500 }).toBe(true)
  await scene.expectFlood()
  await scene.close()
})

test('T-SRV-07 a minute of yes in a page: its memory stays, and Ctrl-C brings the prompt back', async () => {
  const scene = await Counting.open(stage)
  const { page } = scene.app
  const cdp = await page.context().newCDPSession(page)
  const heap = async () => {
    await cdp.send('HeapProfiler.collectGarbage')
    return (await cdp.send('Runtime.getHeapUsage')).usedSize
  }
  await scene.app.type("PS1='at-the-''prompt '; clear; yes\n")
  await scene.app.waitFor(/^y$/)
  // The scrollback is full by then.
  await page.waitForTimeout(10_000)
  const before = await heap()
  await page.waitForTimeout(50_000)
  expect(await heap()).toBeLessThan(before + 16e6)
  await page.keyboard.press('Control+C')
  await scene.app.waitFor(/^at-the-prompt/)
  await scene.close()
})
