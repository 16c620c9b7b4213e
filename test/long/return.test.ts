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
