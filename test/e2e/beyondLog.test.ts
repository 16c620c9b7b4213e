import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import headless from '@xterm/headless'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { handlers } from '../../relay/handlers.ts'
import type { ClientMessage } from '../../shared/protocol.ts'
import { AppPage } from '../harness/app.ts'
import { type Chromium, ofTheApp, startChromium } from '../harness/chromium.ts'
import { type Cut, startCut } from '../harness/cut.ts'
import { canaries, startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))

let relay: TestRelay
let sshd: Sshd
let cut: Cut
let browser: Chromium
/** What the page has handed in last of its screen. */
let handedIn: ClientMessage<'ssh-screen'> | undefined

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay(
    { app: dist, host: true, limits: { log: 64 * 1024 } },
    {
      password: canaries.password,
      handlers: {
        'ssh-screen': (scene, message) => {
          handlers['ssh-screen'](scene, message)
          handedIn = message
          return undefined
        },
      },
    },
  )
  cut = await startCut(relay.port)
  browser = await startChromium()
})

afterEach(async ({ task }) => {
  const page = browser.context.pages().at(-1)
  if (task.result?.state === 'fail') await page?.screenshot({ path: `test/output/${task.name.slice(0, 40)}.png` })
})

afterAll(async () => {
  await browser?.close()
  await cut?.close()
  await relay?.close()
  await sshd?.close()
})

const redraws = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => {
    const at = from + n
    return `\u001b[${1 + (at % 20)};${1 + ((at * 7) % 70)}H\u001b[3${at % 8}m ${at} \u001b[0m`
  }).join('')

test('N-RPL-02 the page comes back beyond the log to a full screen, then to plain lines, and says what is missing', async () => {
  const folder = await mkdtemp(join(sshd.home, 'beyond-'))
  await chmod(folder, 0o777)
  const file = (name: string) => join(folder, name)
  const enter = '\u001b[?1049h\u001b[2J\u001b[?1002;1006;2004h\u001b[?25l'
  await writeFile(file('before'), `${enter}${redraws(0, 5000)}`)
  await writeFile(file('away'), redraws(5000, 25_000))
  await writeFile(
    file('editor'),
    [
      `cd ${folder}; cat before`,
      'until [ -e go ]; do sleep 0.05; done; cat away; touch drawn',
      "read answer; printf '\\033[?1049l\\033[?1002;1006;2004l\\033[?25h'; echo was-told-$answer",
      'until [ -e again ]; do sleep 0.05; done; seq 1 60000; touch counted',
    ].join('\n'),
  )
  const away = async (what: () => Promise<void>) => {
    cut.open = false
    cut.cut()
    await app.page.getByText('Reconnecting').first().waitFor()
    await what()
    cut.open = true
  }
  const app = new AppPage(await browser.open(relay.launchUrl.replace(`:${relay.port}/`, `:${cut.port}/`)))
  await app.page.getByRole('button', { name: 'This machine' }).waitFor()
  await app.openShell(sshd)
  await app.sh('echo above-the-editor')
  await app.type(`sh ${file('editor')}\n`)
  await app.waitFor('4999')
  await expect.poll(() => handedIn?.offset ?? 0, { timeout: 10_000 }).toBeGreaterThan(64 * 1024)
  await away(async () => {
    await writeFile(file('go'), '')
    await expect.poll(() => existsSync(file('drawn')), { timeout: 10_000 }).toBe(true)
  })
  await app.waitFor('24999')
  const { cols = 80, rows = 24 } = handedIn ?? {}
  const unbroken = new headless.Terminal({ cols, rows, allowProposedApi: true })
  await new Promise<void>((parsed) => unbroken.write(enter + redraws(0, 25_000), parsed))
  const expected = Array.from(
    { length: rows },
    (_, y) => unbroken.buffer.active.getLine(y)?.translateToString(true) ?? '',
  )
  await expect.poll(() => app.lines()).toEqual(expected.map((line) => line.trimEnd()))
  await expect.poll(() => app.page.locator('.xterm.enable-mouse-events').count()).toBe(1)
  await expect.poll(() => app.page.locator('.xterm-rows .xterm-cursor').count()).toBe(0)
  await app.page.getByText('of output came while nobody was attached').waitFor()

  // Back from the alternate screen: what was there before it, the honest line above it, and no mode left on.
  await app.type('the-truth\n')
  await app.waitFor('was-told-the-truth')
  await app.waitFor('above-the-editor')
  await expect.poll(() => app.page.locator('.xterm.enable-mouse-events').count()).toBe(0)
  await app.page.keyboard.press('Shift+PageUp')
  await app.waitFor(/── [\d,]+ bytes of output were not kept ──/)

  await away(async () => {
    await writeFile(file('again'), '')
    await expect.poll(() => existsSync(file('counted')), { timeout: 10_000 }).toBe(true)
  })
  await app.sh('echo still-a-"shell"')
  await app.waitFor(/^60000/)
  await app.waitFor(/^still-a-shell/)
  expect(ofTheApp(browser.errors)).toEqual([])
  await rm(folder, { recursive: true })
})
