import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stage, setStage } from '../e2e/stage.ts'
import { AppPage } from '../harness/app.ts'
import { startCut } from '../harness/cut.ts'
import { keptAndUnbroken, keptScreen } from '../harness/keptScreen.ts'

let stage: Stage

beforeAll(async () => {
  stage = await setStage()
})

afterAll(() => stage?.close())

/** What is pressed, turn by turn; a turn ends with a cut or a reload. */
const programs = {
  'vim -n -u NONE -c "set nocp ru nu mouse=a hls" notes': [
    ['i', ...Array.from({ length: 40 }, (_, n) => `line ${n} €uro 日本語 🙂\n`), 'Escape'],
    [':split\n', 'Control+W', 'j', 'gg', 'V', '5j'],
    ['Escape', '/uro\n', 'Control+F', 'dd', 'p', 'u'],
    [':set nonu list cursorline\n', 'Control+D', 'Control+Y'],
  ],
  'htop -d 3': [
    ['F5', 'F6', 'Escape'],
    ['F2', 'ArrowDown', 'ArrowRight'],
    ['F10'],
    ['F3', 'sshd', 'Escape', 'PageDown'],
  ],
  'less -R notes': [
    [' ', ' ', 'b'],
    ['/line 2', '\n', 'n'],
    ['G', 'ArrowUp'],
    ['g', '-S', '\n'],
  ],
}

test.each(Object.entries(programs))(
  'N-RPL-01 through cuts and reloads the screen of %s is the one that it wrote',
  async (command, turns) => {
    const { sshd } = stage
    const folder = await mkdtemp(join(sshd.home, 'programs-'))
    await chmod(folder, 0o777)
    const lines = Array.from(
      { length: 200 },
      (_, n) => `\u001b[3${n % 8}mline\u001b[m ${n} €uro 日本語 ${'long '.repeat(n % 60)}\n`,
    )
    await writeFile(join(folder, 'notes'), command.startsWith('less') ? lines.join('') : '', { mode: 0o666 })
    // script(1) keeps every byte that the program writes.
    await writeFile(
      join(folder, 'program'),
      `cd ${folder}; SHELL=/bin/sh LANG=C.UTF-8 script -qfec '${command}' typescript`,
    )
    const relay = await stage.startRelay({})
    const cut = await startCut(relay.port)
    const { page, context } = await stage.open({ workers: true })
    const app = new AppPage(page)
    await page.goto(`http://127.0.0.1:${cut.port}/`)
    await app.goTo(`ssh -p ${sshd.port} ${sshd.username}@127.0.0.1 sh ${folder}/program`)
    await app.trust()
    await app.logIn(sshd.password)
    // It gives the page to a reload.
    await page.evaluate(() => navigator.serviceWorker.ready)
    /** What the program has written, without the line that script(1) begins with. */
    const written = async () => {
      const typescript = await readFile(join(folder, 'typescript'))
      return typescript.subarray(typescript.indexOf('\n') + 1)
    }
    await expect.poll(async () => (await keptScreen(page))?.offset ?? 0, { timeout: 20_000 }).toBeGreaterThan(0)
    for (const [turn, keys] of turns.entries()) {
      for (const key of keys) {
        cut.cutAfter(1 + ((turn * 7919 + key.length * 131) % 3000))
        if (/^([A-Z]\w+(\+\w)?|F\d+)$/.test(key)) await page.keyboard.press(key)
        else await app.type(key)
      }
      cut.cutAfter(Number.POSITIVE_INFINITY)
      await page.getByText('The session goes on there').waitFor({ state: 'detached' })
      if (turn % 2) await page.reload()
      const before = (await keptScreen(page))?.offset ?? 0
      // htop writes on by itself; the others have come to rest.
      await expect
        .poll(
          async () => {
            const at = (await keptScreen(page))?.offset ?? 0
            return command.startsWith('htop') ? at > before : at > 0 && at === (await written()).length
          },
          { timeout: 20_000 },
        )
        .toBe(true)
      const screen = await keptScreen(page)
      if (!screen) throw new Error('Nothing is kept')
      const [kept, unbroken] = await keptAndUnbroken(screen, (await written()).subarray(0, screen.offset))
      expect(kept, `turn ${turn}`).toBe(unbroken)
    }
    expect(cut.count).toBeGreaterThan(4)
    await context.close()
    await cut.close()
    await rm(folder, { recursive: true })
  },
)
