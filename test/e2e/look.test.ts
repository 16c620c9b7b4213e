import { afterAll, beforeAll, expect, test } from 'vitest'
import { findings } from '../harness/axe.ts'
import { type ChromiumExtension, startChromiumExtension } from '../harness/chromium.ts'
import { desktop, everyScreen } from './everyScreen.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
let extension: ChromiumExtension

beforeAll(async () => {
  ;[stage, extension] = await Promise.all([setStage(), startChromiumExtension()])
})

afterAll(() => Promise.all([stage?.close(), extension?.close()]))

// On a phone as well: test/long/look.test.ts.
test('axe finds nothing on any screen, in either theme', async () => {
  expect(await everyScreen(stage, [desktop])).toEqual({ found: {}, violations: [] })
}, 480_000)

test('axe finds nothing in the extension, which knows no relay at first', async () => {
  const page = await extension.open(`${extension.origin}/app.html`)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.getByText('A relay makes the connections').waitFor()
  expect(await findings(page)).toEqual([])
})
