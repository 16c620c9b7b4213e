import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { command } from './scenes.ts'
import { enter, logIn, type Stage, setStage, waitForScreen } from './stage.ts'

let stage: Stage
let page: Page
let app: AppPage

beforeAll(async () => {
  stage = await setStage()
})

afterAll(() => stage?.close())

beforeEach(async () => {
  const opened = await stage.open()
  page = opened.page
  app = new AppPage(page)
  await enter(page, stage.address)
  await logIn(page, stage)
  return () => opened.context.close()
})

test('a bell in the background marks its tab until a person looks there', async () => {
  await app.type("until test -e ring; do sleep .05; done; printf '\\a'; cd log\n")
  await command(page, 'New tab')
  const tab = page.getByRole('tab').first()
  await expect.poll(() => tab.textContent()).toMatch(/site$/)
  await writeFile(join(stage.sshd.home, 'site/ring'), '')
  await page.getByRole('tab', { name: 'The bell rang' }).waitFor()
  await expect.poll(() => tab.textContent()).toMatch(/web1/)
  await tab.click()
  await page.getByRole('tab', { name: 'The bell rang' }).waitFor({ state: 'detached' })
  await app.waitFor('log')
})

test('the order of the files is that of the last time on the same host', async () => {
  await command(page, 'Go to the files')
  const size = page.getByRole('columnheader', { name: 'Size' })
  await size.getByRole('button').click()
  await page.locator('[role=columnheader][aria-sort=descending]', { hasText: 'Size' }).waitFor()
  await command(page, 'Close tab')
  await page
    .getByRole('button', { name: new RegExp(`^fa ${stage.sshd.username}@web1|web1\\.lan`) })
    .first()
    .click()
  await page.locator('input[type=password]').fill(stage.sshd.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await waitForScreen(page, 'me@web1')
  await page.locator('[role=columnheader][aria-sort=descending]', { hasText: 'Size' }).waitFor()
  await page.reload()
  await page.locator('[role=columnheader][aria-sort=descending]', { hasText: 'Size' }).waitFor()
})

test('a tab keeps its width when it comes to the front, and its title is whole while there is room', async () => {
  await command(page, 'Rename tab')
  await page.getByLabel('Name of the tab').fill('somewhat short of a tab')
  await page.keyboard.press('Enter')
  const tab = page.getByRole('tab', { name: 'somewhat short' })
  await tab.waitFor()
  const width = () => tab.evaluate((element) => element.parentElement?.getBoundingClientRect().width)
  const shown = await width()
  await command(page, 'New tab')
  await expect.poll(width).toBeCloseTo(shown ?? 0, 0)
  const cut = await tab.locator('.tab-title').evaluate((title) => title.scrollWidth > title.clientWidth)
  expect(cut).toBe(false)
})

test('the key that ends a tab’s new name is no key for the shell', async () => {
  await app.type('echo half')
  for (const key of ['Enter', 'Escape']) {
    await command(page, 'Rename tab')
    await page.getByLabel('Name of the tab').fill(`by ${key}`)
    await page.keyboard.press(key)
    await page.getByLabel('Name of the tab').waitFor({ state: 'detached' })
  }
  // Where the focus has come to.
  await page.keyboard.type(' of-it\n')
  await app.waitFor(/^half of-it/)
})

test('what the line at the foot has no room for is left out whole', async () => {
  const items = page.locator('.status-item')
  const inSight = () =>
    items.evaluateAll((all) => {
      const line = document.querySelector('.status')?.getBoundingClientRect()
      const seen = all.filter((item) => item.getBoundingClientRect().top < (line?.bottom ?? 0))
      return seen.map(
        (item) => item.scrollWidth <= item.clientWidth && item.getBoundingClientRect().right <= innerWidth,
      )
    })
  await expect.poll(inSight).toEqual([true, true, true])
  await page.setViewportSize({ width: 340, height: 700 })
  await page.waitForFunction(() => document.querySelector('.narrow-bar') !== null)
  const left = await inSight()
  expect(left.length).toBeLessThan(3)
  expect(left).not.toContain(false)
})
