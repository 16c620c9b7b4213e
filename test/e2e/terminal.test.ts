import { fileURLToPath } from 'node:url'
import type { Locator } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { type Chromium, startChromium } from '../harness/chromium.ts'
import { canaries, startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))

let relay: TestRelay
let sshd: Sshd
let browser: Chromium
let app: AppPage

beforeAll(async () => {
  ;[relay, sshd] = await Promise.all([
    startTestRelay({ app: dist, host: true }, { password: canaries.password }),
    startSshd(),
  ])
})

beforeEach(async () => {
  browser = await startChromium()
  app = new AppPage(await browser.open(relay.launchUrl))
  await app.page.getByRole('button', { name: 'This machine' }).waitFor()
  await app.openShell(sshd)
})

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await app.page.screenshot({ path: `test/output/${task.name.slice(0, 40)}.png` })
  await browser.close()
})
afterAll(() => Promise.all([relay?.close(), sshd?.close()]))

/** Pastes as a browser does: by an event with the clipboard's text. */
function paste(text: string): Promise<void> {
  return app.page.locator('.tab-panel:not([hidden]) .terminal-place textarea').evaluate((textarea, pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    textarea.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
}

/** Moves the mouse to what is drawn and clicks; xterm itself has the mouse there. */
async function clickOn(drawn: Locator, isLink = true): Promise<void> {
  // The terminal draws its rows anew at any time: an element that has just been replaced stands nowhere.
  let box = { left: 0, top: 0, width: 0, height: 0 }
  while (box.width === 0) box = await drawn.evaluate((element) => element.getBoundingClientRect().toJSON())
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2]
  // From another line, as a hand comes; the terminal looks for links once the pointer has come to rest.
  await app.page.mouse.move(x, y + 80)
  await app.page.mouse.move(x, y, { steps: 3 })
  if (isLink) await app.page.locator('.xterm-cursor-pointer').waitFor()
  await app.page.mouse.click(x, y)
}

test('T-PST-01 what is pasted cannot leave its brackets, and several lines are asked about where there are none', async () => {
  await app.type(
    'bind "set enable-bracketed-paste off"; stty -icanon -echo; printf "\\033[?2004h"; echo rea""dy; cat -v\n',
  )
  await app.waitFor(/^ready/)
  await paste('one\u001b[201~two\u202e\nthree')
  await app.waitFor(/^\^\[\[200~onetwo/)
  await app.waitFor(/three\^\[\[201~/)

  await app.page.keyboard.press('Control+C')
  // What is typed before the prompt goes with the interrupt.
  await app.waitFor(/\$\s*$/)
  await app.type('printf "\\033[?2004l"; stty sane -echo; echo aga""in; cat -v\n')
  await app.waitFor(/again/)
  await paste('first\nsecond\n')
  const dialog = app.page.getByRole('dialog', { name: /^Paste/ })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await paste('third\nfourth\n')
  await dialog.getByRole('button', { name: 'Paste' }).click()
  await app.waitFor(/^fourth/)
  expect((await app.lines()).some((line) => /first|second/.test(line))).toBe(false)
})

test('T-LNK-01 a link whose text is not its address is asked about, with the address', async () => {
  await app.type(
    String.raw`clear; printf '\033]8;;https://evil.example/x\033\\https://bank.example\033]8;;\033\\ \033]8;;javascript:alert(1)\033\\harmless\033]8;;\033\\\n'`,
  )
  await app.page.keyboard.press('Enter')
  await app.waitFor(/^https:\/\/bank\.example harmless/)
  const opened: string[] = []
  browser.context.on('page', (page) => opened.push(page.url()))
  const link = app.page.locator('.xterm-rows span', { hasText: 'https://bank.example' }).last()
  await clickOn(link)
  const dialog = app.page.getByRole('dialog', { name: 'Open this link?' })
  await expect(dialog.locator('pre').textContent()).resolves.toBe('https://evil.example/x')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await clickOn(app.page.locator('.xterm-rows span', { hasText: 'harmless' }).last(), false)
  await clickOn(link)
  await dialog.waitFor()
  expect(opened).toEqual([])
})

test('T-ESC-02 T-ESC-05 a full-screen program is there again after a reload, with its modes and its hidden cursor', async () => {
  await app.type(
    String.raw`clear; printf '\033[?1049h\033[2J\033[3;1Hfull screen\033[?25l\033[?1h\033]0;a title\007'; stty -echo -icanon; cat -v`,
  )
  await app.page.keyboard.press('Enter')
  await app.waitFor(/^full screen/)
  await app.page.waitForFunction(
    () =>
      new Promise((resolve) => {
        const request = indexedDB.open('fairlead')
        request.onsuccess = () => {
          const all = request.result.transaction('screens').objectStore('screens').getAll()
          all.onsuccess = () => {
            request.result.close()
            resolve(
              all.result.some((screen) => screen.data.includes('full screen') && screen.data.endsWith('\u001b[?25l')),
            )
          }
        }
      }),
  )
  await app.page.reload()
  await app.waitFor(/^full screen/)
  await app.page.locator('.tab-panel:not([hidden]) .terminal-place textarea').focus()
  await app.page.keyboard.press('ArrowUp')
  await app.waitFor(/\^\[OA/)
})

test('a flood is drawn now and then, its end at once, and what is selected stays selected', async () => {
  await app.page.evaluate(() => {
    const terminal = document.querySelector('.tab-panel:not([hidden]) .xterm')
    const seen = { flooded: 0 }
    Object.assign(window, { seen })
    new MutationObserver(() => {
      if (terminal?.classList.contains('flooded')) seen.flooded++
    }).observe(terminal as Element, { attributeFilter: ['class'] })
  })
  await app.sh('seq 1 400000')
  expect(
    await app.page.evaluate(() => (window as unknown as { seen: { flooded: number } }).seen.flooded),
  ).toBeGreaterThan(0)
  await app.page.waitForFunction(() => !document.querySelector('.xterm.flooded'))
  await app.waitFor(/^400000$/)
  await app.runCommand('Select all')
  await expect.poll(() => app.page.locator('.xterm-selection > div').count()).toBeGreaterThan(0)
  await app.sh('echo more')
  expect(await app.page.locator('.xterm-selection > div').count()).toBe(0)
})
