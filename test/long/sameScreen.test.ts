import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Stage, setStage } from '../e2e/stage.ts'
import { AppPage } from '../harness/app.ts'
import { startCut } from '../harness/cut.ts'
import { type KeptScreen, keptAndUnbroken, keptScreen } from '../harness/keptScreen.ts'
import { openssh } from '../harness/openssh.ts'

let stage: Stage

beforeAll(async () => {
  stage = await setStage()
})

afterAll(() => stage?.close())

const lines = (count: number, text: (n: number) => string) => Array.from({ length: count }, (_, n) => text(n)).join('')

const plain = lines(
  600,
  (n) =>
    `\u001b[3${n % 8}m${n}\u001b[m \u001b[38;5;${n % 256};48;2;${n % 256};0;64mcolours\u001b[m €uro 日本語 e\u0301 👩‍👩‍👧 ${'wraps around '.repeat(n % 14)}\r\n`,
)
/** As vim draws: title, alternate screen, keypad, paste, mouse, region, the look of the cursor, lines in and out. */
const editor = `\u001b]2;notes.txt - VIM\u0007\u001b7\u001b[?1049h\u001b[?1h\u001b=\u001b[?2004h\u001b[?1002;1006h\u001b[?25l\u001b[44m\u001b[2J\u001b[2;20r\u001b[6 q${lines(
  400,
  (n) =>
    `\u001b[${2 + (n % 18)};1H\u001b[38;5;${n % 256}m${n} \u001b[4:3;58:5:9mspelt\u001b[4:0m\u001b[39m text\u001b[K${['\u001b[L', '\u001b[M', '\u001bM', '\u001b[20;1H\n', ''][n % 5]}`,
)}\u001b[r\u001b[3g\u001b[1;11H\u001bH\u001b[1;31H\u001bH\u001b[24;1H\u001b[7m\ta\tb\u001b[m\u001b[5;9H\u001b7\u001b[2;20r\u001b[7;3H\u001b[32m\u001b[?25h`
/** As htop draws, in a charset of lines: every frame is the whole screen. */
const monitor = `\u001b)0\u001b[?1000h${lines(
  150,
  (frame) =>
    `\u001b[H${lines(18, (row) => `\u001b[${row % 2 ? 32 : 36}m\u000ex\u000f \u001b[1m${(frame * 37 + row * 11) % 100}%\u001b[m ${'|'.repeat((frame + row) % 40)}\u001b[K\r\n`)}\u001b[19;1H\u000elqqqqk`,
)}`
const left = `\u000f\u001b[r\u001b[?1049l\u001b[?1l\u001b>\u001b[?2004l\u001b[?1000;1002;1006l\u001b[0 q\u001b[m\r\nback in the shell\r\n${lines(300, (n) => `plain ${n}\r\n`)}`

const programs = { plain, editor, monitor, left }

test('N-RPL-01 through cuts and reloads the screen is that of an unbroken OpenSSH session', async () => {
  const { sshd } = stage
  const folder = await mkdtemp(join(sshd.home, 'same-'))
  await chmod(folder, 0o777)
  const file = (name: string) => join(folder, name)
  const names = Object.keys(programs) as (keyof typeof programs)[]
  for (const name of names) await writeFile(file(name), programs[name])
  // In pieces, with time for the network to be cut in between.
  const script = names.map(
    (name) =>
      `until [ -e go-${name} ]; do sleep .02; done; split -b 1500 --filter='cat; sleep .02' ${name}; touch done-${name}`,
  )
  await writeFile(
    file('program'),
    `cd ${folder}; stty raw -echo\n${script.join('\n')}\nuntil [ -e end ]; do sleep .02; done`,
  )

  const relay = await stage.startRelay({})
  const cut = await startCut(relay.port)
  const { page } = await stage.open()
  const app = new AppPage(page)
  await page.goto(`http://127.0.0.1:${cut.port}/`)
  await app.goTo(`ssh -p ${sshd.port} ${sshd.username}@127.0.0.1 sh ${file('program')}`)
  await app.trust()
  await app.logIn(sshd.password)
  let offset = 0
  const pages: KeptScreen[] = []
  for (const name of names) {
    await writeFile(file(`go-${name}`), '')
    const begin = offset
    offset += Buffer.byteLength(programs[name])
    for (let time = 0; !existsSync(file(`done-${name}`)); time++) {
      cut.cutAfter(1 + ((time * 7919) % 9000))
      await expect
        .poll(async () => (await keptScreen(page))?.offset ?? 0, { timeout: 20_000 })
        .toBeGreaterThanOrEqual(begin)
      // The page itself is to arrive.
      cut.cutAfter(Number.POSITIVE_INFINITY)
      if (time % 2) await page.reload()
    }
    await expect.poll(async () => (await keptScreen(page))?.offset, { timeout: 20_000 }).toBe(offset)
    const screen = await keptScreen(page)
    if (screen) pages.push(screen)
  }
  await writeFile(file('end'), '')

  const ssh = await openssh({ ...sshd, hostKey: Buffer.from(sshd.hostKey, 'base64') })
  const { stdout } = await ssh.run('ssh', [...ssh.config, '-tt', ssh.target, `sh ${file('program')}`])
  await ssh.close()
  expect(stdout.length).toBe(offset)
  let end = 0
  for (const [at, screen] of pages.entries()) {
    end += Buffer.byteLength(programs[names[at] ?? 'plain'])
    const [kept, unbroken] = await keptAndUnbroken(screen, stdout.subarray(0, end))
    expect(kept, names[at]).toBe(unbroken)
  }
  expect(pages).toHaveLength(names.length)
  expect(cut.count).toBeGreaterThan(8)
  await cut.close()
  await rm(folder, { recursive: true })
})
