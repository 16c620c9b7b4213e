import { afterAll, beforeAll, expect, test } from 'vitest'
import { Counting } from './counting.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await setStage()
})

afterAll(() => stage?.close())

test('N-RPL-01 every line comes once through reloads and a crash of the tab, while the program writes on', async () => {
  const scene = await Counting.open(stage)
  await scene.start()
  for (let time = 0; time < 5; time++) {
    await scene.goesOn()
    await scene.app.page.reload()
  }
  await scene.goesOn()
  await scene.crash()
  await scene.goesOn()
  await scene.expectAll()
  await scene.close()
})

test('N-SLP-01 a frozen page and a clock that steps by a day both ways come back exact, and nothing is asked', async () => {
  const scene = await Counting.open(stage)
  const { app, cut, context } = scene
  const { page } = app
  const cdp = await context.newCDPSession(page)
  await scene.start()
  await scene.goesOn()
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
  cut.cut()
  await cdp.send('Page.setWebLifecycleState', { state: 'active' })
  await scene.goesOn()
  for (const step of [86_400_000, -2 * 86_400_000]) {
    await scene.moveClock(step)
    cut.open = false
    cut.cut()
    await page.getByText('The session goes on there').waitFor()
    await page.getByText(/^Last heard \d+ s ago$/).waitFor()
    cut.open = true
    await page.getByText('The session goes on there').waitFor({ state: 'detached' })
    await scene.goesOn()
  }
  await scene.expectAll()
  await scene.close()
})

test('N-SLO-01 a page that stalls in a flood is let go, comes back by itself and has lost nothing', async () => {
  const scene = await Counting.open(stage, { pingMs: 500, silenceMs: 2000, window: 128 * 1024, log: 256 * 1024 })
  await scene.stall(5_000)
  await expect.poll(() => scene.letGo, { timeout: 20_000 }).toBe(true)
  await scene.expectFlood()
  await scene.close()
})

test('what was typed offline waits in sight, and is asked about when it has grown old', async () => {
  const scene = await Counting.open(stage)
  const { app, cut } = scene
  const { page } = app
  // Without the terminal's own echo, which comes in between as it likes.
  await app.type('stty -echo; echo list""ening; cat\n')
  await app.waitFor(/^listening$/)
  cut.open = false
  cut.cut()
  await page.getByText('The session goes on there').waitFor()
  await app.type('for the host\n')
  await page.getByText('13 characters wait for the relay').waitFor()
  await scene.moveClock(60_000)
  cut.open = true
  const question = page.getByRole('region', { name: 'Typed while the relay was away' })
  await question.waitFor()
  await expect.poll(() => question.locator('pre').textContent()).toBe('for the host⏎')
  await app.type('behind\n')
  await expect.poll(() => question.locator('pre').textContent()).toBe('for the host⏎\nbehind⏎')
  expect(await app.lines()).not.toContain('behind')
  await question.getByRole('button', { name: 'Send 20 characters' }).click()
  await app.waitFor(/^behind$/)
  expect((await app.lines()).filter((line) => /^(for the host|behind)$/.test(line))).toEqual(['for the host', 'behind'])
  // The keys are the terminal's again.
  await page.keyboard.press('Control+D')
  await page.keyboard.type('echo $((6*7))\n')
  await app.waitFor(/^42$/)
  await scene.close()
})

test('N-DRN-01 a relay that shuts down counts down, and the last screen stays with one key to go on', async () => {
  const scene = await Counting.open(stage, { drainTerminalsMs: 2500 })
  const { app, relay } = scene
  await app.sh('echo last words')
  const drained = relay.drain()
  await app.page.getByText(/shuts down in [23] seconds/).waitFor()
  await app.page.getByText(/shuts down in 1 second\b/).waitFor()
  await app.page.getByText('The relay was shut down, so the session has ended.').waitFor()
  await app.waitFor(/^last words$/)
  await app.page.getByRole('button', { name: /Open a new shell/ }).waitFor()
  await drained
  await scene.close()
})

test('what was typed offline outlives a reload, which is asked about before, and is sent once', async () => {
  const scene = await Counting.open(stage)
  const { app, cut } = scene
  const { page } = app
  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.type())
    void dialog.accept()
  })
  await app.type('echo list""ening; cat > typed\n')
  await app.waitFor(/^listening$/)
  // It gives the page to the reload, which no relay does.
  await page.evaluate(() => navigator.serviceWorker.ready)
  cut.open = false
  cut.cut()
  await page.getByText('The session goes on there').waitFor()
  await app.type('one line\n')
  await page.getByText('9 characters wait for the relay').waitFor()
  await page.reload()
  expect(dialogs).toEqual(['beforeunload'])
  await page.getByText('9 characters wait for the relay').waitFor()
  await app.type('two\n')
  cut.open = true
  const question = page.getByRole('region', { name: 'Typed while the relay was away' })
  await question.getByRole('button', { name: 'Send 13 characters' }).click()
  await question.waitFor({ state: 'detached' })
  await page.keyboard.press('Control+D')
  await app.sh('echo "typed: $(xargs < typed)"')
  await app.waitFor(/^typed: one line two$/)
  // Nothing waits any more, so nothing is asked.
  await page.reload()
  await app.waitFor(/^typed: one line two$/)
  await app.type('echo again\n')
  await app.waitFor(/^again$/)
  expect(await question.count()).toBe(0)
  expect(dialogs).toEqual(['beforeunload'])
  await scene.close()
})
