import { afterAll, beforeAll, expect, test } from 'vitest'
import { desktop, everyScreen, phone } from '../e2e/everyScreen.ts'
import { type Stage, setStage } from '../e2e/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await setStage()
})

afterAll(() => stage?.close())

test('axe finds nothing on any screen, in either theme, on a desktop and on a phone', async () => {
  expect(await everyScreen(stage, [desktop, phone])).toEqual({ found: {}, violations: [] })
})
