import { setTimeout as rest } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { type Chromium, startChromium } from '../harness/chromium.ts'
import { type Cut, startCut } from '../harness/cut.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

declare global {
  interface Window {
    /** What stood over the terminal's own cells so far, each time that it changed. */
    predicted: string[]
  }
}

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))
/** Milliseconds of the way to the relay: 150 there and back. */
const WAY = 75

let relay: TestRelay
let sshd: Sshd
let cut: Cut
let browser: Chromium
let app: AppPage

beforeAll(async () => {
  ;[relay, sshd] = await Promise.all([startTestRelay({ app: dist }), startSshd()])
  cut = await startCut(relay.port)
})

beforeEach(() => {
  cut.silent = false
  cut.delay = WAY
})

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await app.page.screenshot({ path: `test/output/${task.name.slice(0, 40)}.png` })
  await browser.close()
})
afterAll(() => Promise.all([relay?.close(), sshd?.close(), cut?.close()]))

/** A shell with a short prompt, through the proxy. */
async function open(): Promise<void> {
  browser = await startChromium()
  app = new AppPage(await browser.open(`http://127.0.0.1:${cut.port}/`))
  await app.input.waitFor()
  await app.openShell(sshd)
  await app.page.evaluate(() => {
    window.predicted = []
    const overlay = document.querySelector('.prediction')
    if (!overlay) throw new Error('There is no overlay')
    new MutationObserver(() => window.predicted.push(overlay.textContent ?? '')).observe(overlay, { childList: true })
  })
  await app.type("PS1='sh$ '; cle''ar\n")
  await app.waitFor(/^sh\$ +$/)
}

/** Types a letter and takes it back. */
async function tryOnce(): Promise<void> {
  await app.type('a')
  await app.waitFor(/^sh\$ a *$/)
  await app.page.keyboard.press('Backspace')
  await app.waitFor(/^sh\$ *$/)
}

/** Types until guesses are shown: the first round trips are measured while the page is busy with its start, and say too much. */
async function warmUp(): Promise<void> {
  await app.type("cle''ar\n")
  await app.page.waitForFunction(
    () => document.querySelector('.xterm-rows > div:nth-child(2)')?.textContent?.trim() === '',
  )
  await app.waitFor(/^sh\$ +$/)
  // Each try leaves the line as it was, and proved to be echoed once a guess was shown.
  for (let tries = 1; (await everPredicted()).length === 0; tries++) {
    // Where a round trip was overrated, a key whose effect is unknown has landed only after a rest.
    await rest(100 * tries)
    await tryOnce()
  }
  // An echo that came in two parts has contradicted the guess: what was typed before is forgotten after a rest.
  await rest(2000)
  await forget()
}

function forget(): Promise<void> {
  return app.page.evaluate(() => {
    window.predicted = []
  })
}

/** Every text that stood over the terminal's own cells since it was last asked to forget. */
function everPredicted(): Promise<string[]> {
  return app.page.evaluate(() => window.predicted.filter((text) => text !== ''))
}

/** What is shown over the terminal's own cells, from the first that is covered to the last; empty where nothing is. */
function predicted(): Promise<string> {
  return app.page.evaluate(() => {
    const overlay = document.querySelector<HTMLElement>('.prediction')
    if (!overlay || overlay.hidden) return ''
    const width = Number.parseFloat(overlay.style.getPropertyValue('--cell-width'))
    const line: string[] = []
    for (const cell of overlay.querySelectorAll('span')) {
      const col = Math.round(cell.offsetLeft / width)
      line[col] = cell.textContent ?? ''
      if (cell.offsetWidth > 1.5 * width) line[col + 1] = ''
    }
    const first = line.findIndex((text) => text !== undefined)
    return Array.from(line.slice(first), (text) => text ?? ' ').join('')
  })
}

/** Waits for the host's own echo. */
async function echoed(line: RegExp): Promise<void> {
  await app.waitFor(line)
  await app.page.waitForFunction(() => document.querySelector<HTMLElement>('.prediction')?.hidden)
}

/** The last line that the terminal itself shows. */
async function truth(): Promise<string | undefined> {
  return (await app.lines()).findLast((line) => line !== '')
}

test('what is typed on a slow line is there before the host has it, and is the host’s once it answers', async () => {
  await open()
  await warmUp()
  await app.type('e')
  await echoed(/^sh\$ e +$/)

  // From here nothing passes: whatever is shown comes from this page alone.
  cut.silent = true
  await app.type('cho hello')
  await expect.poll(predicted).toBe('cho hello ')
  await app.page.keyboard.press('Backspace')
  await app.page.keyboard.press('Backspace')
  await expect.poll(predicted).toBe('cho hel ')
  await app.type('日本')
  await app.page.keyboard.press('Enter')
  await app.type('never mind')
  await expect.poll(predicted).toBe('cho hel日本 ')
  await expect.poll(truth).toBe('sh$ e')
  const overlay = app.page.locator('.prediction')
  expect(await overlay.getAttribute('aria-hidden')).toBe('true')
  expect(await overlay.evaluate((element) => getComputedStyle(element).pointerEvents)).toBe('none')
  for (const colorScheme of ['dark', 'light'] as const) {
    await app.page.emulateMedia({ colorScheme })
    await app.page.screenshot({ path: `test/output/prediction-${colorScheme}.png` })
  }

  cut.silent = false
  await echoed(/^hel日本/)
  await echoed(/^sh\$ never mind/)
  expect(browser.errors).toEqual([])
})

test('a cell of a guess stands where the terminal draws its own, and goes with it', async () => {
  await open()
  await warmUp()
  await app.type("seq 60; printf '\\033[10;1H\\033[J'\n")
  await app.page.waitForFunction(() =>
    /^sh\$\s*$/.test(document.querySelectorAll('.xterm-rows > div')[9]?.textContent ?? ''),
  )
  await rest(2000)
  await app.type('a')
  await echoed(/^sh\$ a +$/)
  cut.silent = true
  await app.type('yzw')
  const guess = await app.page.locator('.prediction .guess', { hasText: 'w' }).boundingBox()
  await app.page.keyboard.press('ArrowLeft')
  await expect.poll(predicted).toBe('yzw')
  await expect.poll(() => app.page.locator('.prediction .cursor').textContent()).toBe('w')
  await app.page.mouse.move(300, 300)
  await app.page.mouse.wheel(0, -100)
  await app.page.waitForFunction(() => {
    const rows = [...document.querySelectorAll('.xterm-rows > div')]
    const at = rows.findIndex(({ textContent }) => /^sh\$.a/.test(textContent ?? ''))
    const [row, overlay] = [rows[at], document.querySelector('.prediction')].map((one) => one?.getBoundingClientRect())
    return at > 9 && row && overlay && Math.abs(row.top - overlay.top) < 1
  })
  await app.page.mouse.wheel(0, 1000)
  cut.silent = false
  await echoed(/^sh\$ ayzw *$/)
  await app.page.keyboard.press('End')
  // The cursor has a box of its own in the row.
  const cursor = app.page.locator('.xterm-cursor')
  await app.page.waitForFunction(() => document.querySelector('.xterm-cursor')?.textContent?.trim() === '')
  const box = await cursor.boundingBox()
  if (!guess || !box) throw new Error('Something is not drawn')
  expect(guess.x + guess.width).toBeCloseTo(box.x, 0)
  expect(guess.y).toBeCloseTo(box.y, 0)
  expect([guess.width, guess.height].map(Math.round)).toEqual([box.width, box.height].map(Math.round))
})

test('a password is never shown, nor what is typed into a full-screen program', async () => {
  await open()
  await warmUp()
  await app.type('e')
  await echoed(/^sh\$ e +$/)
  await app.type("cho; read -rsp 'Password: ' word; echo read-$word\n")
  await app.waitFor(/^Password: /)
  await forget()
  await app.type('hun')
  cut.silent = true
  await app.type('ter')
  await app.page.keyboard.press('Backspace')
  await app.type('r2')
  expect(await predicted()).toBe('')
  cut.silent = false
  await app.page.keyboard.press('Enter')
  await app.waitFor(/read-hunter2/)
  expect(await everPredicted()).toEqual([])

  await app.type("printf '\\033[?1049h\\033[Hfull\\n'; cat\n")
  await app.waitFor(/^full/)
  await forget()
  await app.type('quick')
  await app.waitFor(/^quick/)
  cut.silent = true
  await app.type('brown')
  expect(await predicted()).toBe('')
  expect(await everPredicted()).toEqual([])
})

test('a person can have guesses always, and never', async () => {
  cut.delay = 0
  await open()
  const choose = async (choice: string) => {
    await app.runCommand('Settings')
    await app.page.getByLabel('Predict echo').selectOption(choice)
    await app.page.getByRole('button', { name: 'Done' }).click()
  }
  await choose('Always')
  await warmUp()
  await choose('Never')
  await forget()
  await tryOnce()
  await tryOnce()
  cut.silent = true
  await app.type('abc')
  expect(await predicted()).toBe('')
  expect(await everPredicted()).toEqual([])
})
