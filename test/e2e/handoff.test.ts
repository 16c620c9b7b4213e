import type { Page } from 'playwright-core'
import { encode } from 'uqr'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { command } from './scenes.ts'
import { enter, logIn, type Stage, setStage, waitForScreen } from './stage.ts'

let stage: Stage
const contexts: { close(): Promise<void> }[] = []

beforeAll(async () => {
  stage = await setStage()
})
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close()
})
afterAll(() => stage?.close())

/** Another browser: it shares nothing with the rest. */
async function device(options?: Parameters<Stage['open']>[0]): Promise<{ page: Page; app: AppPage }> {
  const { context, page } = await stage.open(options)
  contexts.push(context)
  return { page, app: new AppPage(page) }
}

/** A shell in a browser that is logged in to the relay. */
async function atWork() {
  const first = await device()
  await enter(first.page, stage.address)
  await logIn(first.page, stage)
  return first
}

async function makeLink(page: Page): Promise<string> {
  await command(page, 'Continue on another device')
  await page.getByRole('img', { name: 'QR code' }).waitFor()
  return page.getByRole('textbox', { name: 'Link' }).inputValue()
}

test('a link takes a session to another device, which logs in to the relay first, and back again', async () => {
  const { page, app } = await atWork()
  await app.sh('word=carried')
  const link = await makeLink(page)
  expect(link.length).toBeLessThan(300)
  const phone = await device({ viewport: { width: 390, height: 760 } })
  await phone.page.goto(link)
  // The key leaves the address bar before anything is asked.
  expect(phone.page.url()).not.toContain('#')
  const dialog = phone.page.getByRole('dialog', { name: 'Continue a session here?' })
  await dialog.getByRole('button', { name: 'Log in to the relay' }).click()
  await phone.page.getByLabel('Password of the relay').fill('stage password')
  await phone.page.getByRole('dialog').getByRole('button', { name: 'Log in', exact: true }).click()
  await dialog.getByText(`${stage.sshd.username}@web1.lan`).waitFor()
  await dialog.getByRole('button', { name: 'Continue here' }).click()
  await waitForScreen(phone.page, 'word=carried')
  await phone.app.type('echo "there $word"\n')
  await phone.app.waitFor(/^there carried/)
  await page.getByRole('dialog', { name: 'The session goes on there' }).getByRole('button', { name: 'Done' }).click()
  await page.getByText('Another device has this session').waitFor()
  await page.getByRole('button', { name: 'Take it back' }).click()
  await phone.page.getByRole('button', { name: 'Take it back' }).waitFor()
  await app.type('echo "back $word"\n')
  await app.waitFor(/^back carried/)

  const third = await device()
  await third.page.goto(new URL(link).origin)
  await third.page.getByText('This relay wants its password').waitFor()
  // Opened where the app already is, a link changes only the fragment.
  await third.page.goto(link)
  await third.page.getByRole('button', { name: 'Log in to the relay' }).click()
  expect(third.page.url()).not.toContain('#')
  await third.page.getByLabel('Password of the relay').fill('stage password')
  await third.page.getByRole('dialog').getByRole('button', { name: 'Log in', exact: true }).click()
  await third.page.getByRole('button', { name: 'Continue here' }).click()
  await third.page.getByRole('dialog').getByText('The link has been used, or is older than five minutes').waitFor()
})

test('the code is one that a camera reads: dark on white in the dark theme, with its quiet zone', async () => {
  const { page } = await atWork()
  await page.emulateMedia({ colorScheme: 'dark' })
  const link = await makeLink(page)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy' }).click()
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(link)
  const code = page.getByRole('img', { name: 'QR code' })
  const read = await code.evaluate((svg) => {
    const size = Number(svg.getAttribute('viewBox')?.split(' ')[2])
    const [white, dark] = [...svg.children].map((shape) => getComputedStyle(shape).fill)
    const cells = (svg.querySelector('path')?.getAttribute('d') ?? '').matchAll(/M(\d+) (\d+)h1v1h-1z/g)
    return { size, white, dark, cells: [...cells].map(([, x, y]) => [Number(x), Number(y)] as const) }
  })
  expect(read.white).toBe('rgb(255, 255, 255)')
  expect(read.dark).toBe('rgb(0, 0, 0)')
  const edges = read.cells.flat()
  expect(Math.min(...edges)).toBe(4)
  expect(Math.max(...edges)).toBe(read.size - 5)
  const { data, size } = encode(link, { boostEcc: true, border: 4 })
  expect(size).toBe(read.size)
  const drawn = new Set(read.cells.map(([x, y]) => `${x} ${y}`))
  const wrong = data.flatMap((row, y) => row.flatMap((on, x) => (on === drawn.has(`${x} ${y}`) ? [] : [`${x} ${y}`])))
  expect(wrong).toEqual([])
  // The next one is another, and ends this one.
  await page.keyboard.press('Escape')
  expect(await makeLink(page)).not.toBe(link)
})

test('a tab that is put away stands among the sessions of the relay, and comes back from there', async () => {
  const { page, app } = await atWork()
  await app.sh('word=kept')
  await command(page, 'Detach')
  await page.getByLabel('Host, ssh command or link').waitFor()
  await expect.poll(() => page.getByRole('tab').count()).toBe(1)
  await page.reload()
  await page.getByRole('button', { name: 'This machine' }).waitFor()
  await command(page, 'Sessions on the relay')
  const sheet = page.getByRole('dialog', { name: 'Sessions on the relay' })
  await sheet.getByText('nobody attached').first().waitFor()
  await sheet
    .getByRole('button', { name: /^Take up / })
    .first()
    .press('Enter')
  await waitForScreen(page, 'word=kept')
  await app.type('echo "still $word"\n')
  await app.waitFor(/^still kept/)
  await command(page, 'Sessions on the relay')
  await sheet.getByText('in this window').waitFor()
  const mine = sheet.getByRole('listitem').filter({ hasText: 'in this window' })
  // By keyboard: keeping is the default, and leads back to where the question was asked.
  await mine.getByRole('button', { name: /^End / }).press('Enter')
  await page.waitForFunction(() => document.activeElement?.textContent === 'Keep')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('End '))
  await page.keyboard.press('Enter')
  await sheet.getByRole('button', { name: 'End session' }).click()
  await mine.waitFor({ state: 'detached' })
  await page.waitForFunction(() => document.activeElement?.textContent === 'Done')
  await page.keyboard.press('Escape')
  await page.getByText('The session was ended.').waitFor()
})
