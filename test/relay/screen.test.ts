import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import serialize from '@xterm/addon-serialize'
import headless from '@xterm/headless'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OutputLog } from '../../relay/outputLog.ts'
import { Screen } from '../../relay/screen.ts'
import { Boundary } from '../../shared/boundary.ts'
import { drawn } from '../../shared/drawn.ts'
import { Modes } from '../../shared/modes.ts'
import type { ServerPayload } from '../../shared/protocol.ts'
import { chance } from '../harness/chance.ts'
import { attachKey, Client } from '../harness/client.ts'
import { UnicodeGraphemesAddon } from '../harness/graphemes.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'
import { footprint } from '../harness/visits.ts'

const KiB = 1024
const MiB = 1024 * KiB
const size = { cols: 80, rows: 24 }

/** A person's terminal: what it shows, its modes and its title can be compared. */
class Terminal {
  readonly xterm = new headless.Terminal({ ...size, scrollback: 1000, allowProposedApi: true })
  readonly #addon = new serialize.SerializeAddon()
  readonly #modes = new Modes(this.xterm.parser)
  title = ''

  constructor() {
    type Addon = Parameters<typeof this.xterm.loadAddon>[0]
    this.xterm.loadAddon(this.#addon as unknown as Addon)
    this.xterm.loadAddon(new UnicodeGraphemesAddon() as unknown as Addon)
    this.xterm.onTitleChange((title) => {
      this.title = title
    })
  }

  write(data: string | Uint8Array): Promise<void> {
    return new Promise((parsed) => this.xterm.write(data, parsed))
  }

  shown() {
    const data = drawn(this.xterm, this.#modes, 0)
    return { data, title: this.title, buffer: this.xterm.buffer.active.type, modes: this.xterm.modes }
  }

  picture(offset: number) {
    return { data: drawn(this.xterm, this.#modes, 0), ...size, offset }
  }
}

const lines = (count: number, what = 'a line of the program with €uros, 日本 and e\u0301') =>
  Array.from({ length: count }, (_, n) => `\u001b[3${n % 8}m${n}\u001b[0m ${what}\r\n`).join('')
const redraws = (count: number) =>
  Array.from({ length: count }, (_, n) => `\u001b[${1 + (n % 24)};${1 + ((n * 7) % 60)}H\u001b[7m ${n} \u001b[m`).join(
    '',
  )
const vim =
  '\u001b]0;vim — notes\u0007\u001b[?1049h\u001b[?1h\u001b=\u001b[?2004h\u001b[?1002;1006h\u001b[?25l\u001b[2J\u001b[3;20r'

const programs: [what: string, before: string, away: string][] = [
  ['plain lines', lines(20), lines(9000)],
  ['an alternate screen that is opened meanwhile', lines(2000), `${lines(3000)}${vim}${redraws(20_000)}`],
  ['an alternate screen from long ago', `${lines(40)}${vim}${redraws(9000)}`, redraws(30_000)],
  [
    'an alternate screen that is left meanwhile',
    `${vim}${redraws(9000)}`,
    `${redraws(9000)}\u001b[?1049l\u001b[?25h${lines(4000)}`,
  ],
]

const isWhole = (output: Uint8Array) => {
  const boundary = new Boundary()
  boundary.pass(output)
  return boundary.whole
}

/** A log with its screen, as a session has them. */
function openScreen(max = 64 * KiB) {
  const log = new OutputLog(max)
  let taken = () => {}
  let opened = 0
  const screen = new Screen(log, size, {
    taken: () => taken(),
    opened: () => {
      opened += 1
    },
    stumbled: (error) => expect.fail(String(error)),
    failed: (error) => expect.fail(String(error)),
  })
  return {
    log,
    screen,
    /** How often it has begun to parse. */
    opened: () => opened,
    /** Appends as a server does that is granted what there is room for. */
    async append(bytes: Uint8Array) {
      for (let at = 0; at < bytes.length; ) {
        const piece = bytes.subarray(at, at + Math.min(5000, screen.room))
        log.append(piece)
        at += piece.length
        const more = new Promise<void>((resolve) => {
          taken = resolve
        })
        screen.makeRoom(32 * KiB)
        if (screen.room < 5000) await more
      }
    },
  }
}

test.each(programs)('goes on from what a client handed in: %s', async (_, before, away) => {
  const { log, screen, append, opened } = openScreen()
  const client = new Terminal()
  const unbroken = new Terminal()
  const attached = Buffer.from(before)
  for (let at = 0; at < attached.length; at += 3000) {
    const piece = attached.subarray(at, at + 3000)
    log.append(piece)
    await client.write(piece)
    const offset = at + piece.length
    if (at % 12_000 === 0 && isWhole(attached.subarray(0, offset))) screen.keep(client.picture(offset))
  }
  expect(opened()).toBe(0)
  screen.leave(0)
  await append(Buffer.from(away))
  expect(opened()).toBe(1)
  const picture = screen.attach()
  if (!picture) return expect.unreachable()
  expect(picture.offset).toBeGreaterThanOrEqual(log.start)
  const back = new Terminal()
  await back.write(picture.data)
  await back.write(log.read(picture.offset, log.end))
  await unbroken.write(before + away)
  expect(back.shown()).toEqual(unbroken.shown())
})

test('while somebody is attached nothing is parsed, however much is written', async () => {
  const { log, screen, opened } = openScreen()
  for (let piece = 0; piece < 100; piece++) {
    log.append(Buffer.alloc(16 * KiB, 'x'))
    screen.makeRoom(32 * KiB)
  }
  await new Promise(setImmediate)
  expect(opened()).toBe(0)
  expect(screen.memory).toBe(0)
  expect(screen.attach()).toBeUndefined()
})

test('a size that came after what was handed in holds for what was written for it', async () => {
  const { log, screen, append } = openScreen()
  const before = Buffer.from(`${lines(30)}${'-'.repeat(80)}`)
  log.append(before)
  screen.resize({ cols: 40, rows: 10 })
  const away = Buffer.from(`\r\n${'wrapped at forty '.repeat(20_000)}`)
  screen.leave(0)
  await append(away)
  const picture = screen.attach()
  expect(picture).toMatchObject({ cols: 40, rows: 10 })
  const unbroken = new Terminal()
  await unbroken.write(before)
  unbroken.xterm.resize(40, 10)
  await unbroken.write(away)
  const back = new Terminal()
  back.xterm.resize(40, 10)
  await back.write(picture?.data ?? '')
  await back.write(log.read(picture?.offset ?? 0, log.end))
  expect(back.shown()).toEqual(unbroken.shown())
})

test('T-ESC-05 a cell that takes combining characters without end is wiped, and the screen goes on', async () => {
  const { screen, append } = openScreen()
  screen.leave(0)
  await append(Buffer.from(`a${'\u0301'.repeat(1_300_000)}`))
  await append(Buffer.from(lines(3000, 'after it')))
  const picture = screen.attach()
  expect(picture?.data.length).toBeLessThan(64 * KiB)
  expect(picture?.data).toContain('after it')
})

test('a picture in the middle of a string goes on in it: nothing of an image or a title is shown as text', async () => {
  const image = (bytes: number) => `\u001bPq${'#0~~@@'.repeat(bytes / 6)}`
  const strings = [image(300_000), `\u001b]52;c;${'QUJD'.repeat(75_000)}`, `\u001b_${'apc '.repeat(75_000)}`]
  for (const string of strings) {
    for (const behind of ['\u001b\\behind', `${string.slice(9, 9000)}\u001b\\behind`, '\u0018behind']) {
      const { log, screen, append } = openScreen()
      screen.leave(0)
      await append(Buffer.from(`before\r\n${string}`))
      const picture = screen.attach()
      expect(picture?.offset).toBeLessThan(300_000)
      log.append(Buffer.from(behind))
      const back = new Terminal()
      await back.write(picture?.data ?? '')
      await back.write(log.read(picture?.offset ?? 0, log.end))
      const unbroken = new Terminal()
      await unbroken.write(`before\r\n${string}${behind}`)
      expect(back.shown()).toEqual(unbroken.shown())
    }
  }
})

test('T-ESC-05 a string without end costs a screen that nobody looks at no memory, and ends as it does elsewhere', async () => {
  for (const begin of ['\u001b]0;', '\u001bP$q', '\u009d2;']) {
    const { screen, append } = openScreen()
    screen.leave(0)
    await append(Buffer.from(`${lines(2000)}${begin}`))
    const before = footprint().heap
    for (let turn = 0; turn < 2; turn++) await append(Buffer.alloc(MiB, 'x'))
    expect(footprint().heap - before).toBeLessThan(6 * MiB)
    await append(Buffer.from(`\u0007\u001b\\${lines(3000, 'after it')}`))
    expect(screen.attach()?.data).toContain('after it')
  }
})

test('T-ESC-05 what a program does to no end of links and titles, the screen does not keep', async () => {
  const { screen, append } = openScreen()
  screen.leave(0)
  await append(Buffer.from(lines(2000)))
  const before = footprint().heap
  const link = (n: number) => `\u001b]8;;https://example.org/${n}\u0007l\u001b]8;;\u0007\b\u001b]2;title ${n}\u0007`
  await append(Buffer.from(Array.from({ length: 40_000 }, (_, n) => link(n)).join('')))
  expect(footprint().heap - before).toBeLessThan(2 * MiB)
  expect(screen.attach()?.data).toContain('title 39')
})

test('T-ESC-05 a screen outlives every sequence: random bytes and the erase that xterm itself does not survive', async () => {
  const random = chance(11)
  const { screen, append } = openScreen()
  screen.leave(0)
  await append(Buffer.from(lines(2000)))
  await append(Buffer.from(`\u001b[24;80Hx\u001b[1J\u001b[?1049h\u001b[24;80Hx\u001b[?1J`))
  const letters = Buffer.from(
    '\u001b\u001b\u001b[[[[?;;;01234567899mHJKLMPSTXhlrsu@ABCDfgIZbdq(0)B78cDEM\u000e\u000f\r\n\t\b\u0084\u009b x日',
  )
  await append(Buffer.from(Array.from({ length: 400_000 }, () => letters[random(letters.length)] ?? 0)))
  await append(Buffer.from(`\u0018\u001bc${lines(3000, 'after it')}`))
  expect(screen.attach()?.data).toContain('after it')
})

let sshd: Sshd
let relay: TestRelay
let folder: string

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay({ limits: { log: 64 * KiB } })
  folder = await mkdtemp(join(tmpdir(), 'fairlead-screen-'))
  await chmod(folder, 0o777)
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
  await rm(folder, { recursive: true })
})

let count = 0

/** A program that writes a file, and another one when it is let: nothing between it and the client changes a byte. */
async function startProgram(before: string, away: string, flood = 'true') {
  const name = join(folder, `program-${++count}`)
  await writeFile(`${name}-before`, before)
  await writeFile(`${name}-away`, away)
  const client = await Client.open(relay.url)
  const key = attachKey()
  const sessionId = `program-${count}`
  client.onPrompt = () => ({ kind: 'host-key', accept: true })
  client.acknowledges = true
  await client.ask('ssh-connect', {
    sessionId,
    host: sshd.host,
    port: sshd.port,
    username: sshd.username,
    password: sshd.password,
    interactive: true,
    binary: true,
    resume: key.resume,
    command: `stty raw -echo; cat ${name}-before; until [ -e ${name}-go ]; do sleep 0.02; done; cat ${name}-away; ${flood}; echo end > ${name}-done; cat`,
  })
  return {
    sessionId,
    client,
    go: () => writeFile(`${name}-go`, ''),
    isOver: () => existsSync(`${name}-done`),
    ended: () => expect.poll(() => existsSync(`${name}-done`), { timeout: 20_000 }).toBe(true),
    async comeBack(offset: number) {
      const again = await Client.open(relay.url)
      again.acknowledges = true
      const { nonce, epoch } = await again.next('relay-hello')
      const signature = key.sign({ nonce, epoch, sessionId, offset })
      const attached = await again.ask<ServerPayload<'ssh-attached'>>('ssh-attach', { sessionId, offset, signature })
      return { again, attached }
    },
  }
}

const received = (client: Client) =>
  client.heard('ssh-data').reduce((sum, { data }) => sum + Buffer.byteLength(data), 0)

test.each(programs)('N-RPL-02 beyond the log, through relay and server: %s', async (_, before, away) => {
  const program = await startProgram(before, away)
  const { sessionId, client } = program
  const first = Buffer.from(before)
  await client.until(() => received(client) === first.length || undefined)
  const mine = new Terminal()
  await mine.write(first)
  await client.ask('ssh-screen', { sessionId, ...mine.picture(first.length) })
  expect(relay.events.filter((line) => line.event === 'screen' && line.session === sessionId)).toEqual([])
  client.close()
  await program.go()
  await program.ended()
  const { again, attached } = await program.comeBack(first.length)
  const whole = Buffer.from(before + away)
  expect(attached.missing).toBe(attached.offset - first.length)
  expect(attached.missing).toBeGreaterThan(whole.length - first.length - 96 * KiB)
  expect(attached.screen).toMatchObject(size)
  await again.until(() => attached.offset + received(again) === whole.length || undefined)
  const back = new Terminal()
  await back.write(attached.screen?.data ?? '')
  for (const { data } of again.heard('ssh-data')) await back.write(data as string | Uint8Array)
  const unbroken = new Terminal()
  await unbroken.write(whole)
  expect(back.shown()).toEqual(unbroken.shown())
  // The output after the picture is whole, though the program was in the middle of it.
  expect(again.output(sessionId)).toBe(whole.subarray(attached.offset).toString())
  expect(relay.events.filter((line) => line.event === 'screen' && line.session === sessionId)).toHaveLength(1)
  again.close()
})

test('N-RPL-02 whoever comes back in the middle of a flood gets all that follows the picture', async () => {
  const away = lines(20_000)
  const program = await startProgram('ready', away)
  await program.client.shows(program.sessionId, 'ready')
  program.client.close()
  await program.go()
  let offset = 5
  let turns = 0
  for (const whole = Buffer.from(`ready${away}`); offset < whole.length; turns++) {
    const { again, attached } = await program.comeBack(offset)
    if (turns < 5) await again.next('ssh-data')
    else await again.until(() => attached.offset + received(again) === whole.length || undefined)
    again.close()
    const had = Buffer.concat(again.heard('ssh-data').map(({ data }) => Buffer.from(data as string)))
    expect(had.equals(whole.subarray(attached.offset, attached.offset + had.length))).toBe(true)
    offset = attached.offset + had.length
  }
  await program.ended()
})

test('a screen that was handed in serves a device that comes with nothing', async () => {
  const before = `${lines(100)}${vim}${redraws(12_000)}`
  const program = await startProgram(before, 'x')
  const { sessionId, client } = program
  const first = Buffer.from(before)
  await client.until(() => received(client) === first.length || undefined)
  const mine = new Terminal()
  await mine.write(first)
  await client.ask('ssh-screen', { sessionId, ...mine.picture(first.length) })
  await expect(client.ask('ssh-screen', { sessionId, ...mine.picture(first.length + 1) })).rejects.toThrow(
    'bad-request',
  )
  const { again, attached } = await program.comeBack(0)
  expect(attached).toMatchObject({ offset: first.length, missing: first.length, screen: size })
  const other = new Terminal()
  await other.write(attached.screen?.data ?? '')
  expect(other.shown()).toEqual(mine.shown())
  await expect(client.ask('ssh-screen', { sessionId, ...mine.picture(first.length) })).rejects.toThrow('no-session')
  again.close()
  client.close()
})

test('a flood that nobody looks at ends, slowed to what the screen takes, and holds no memory', async () => {
  const program = await startProgram('ready', '', 'yes | head -c 3000000')
  await program.client.shows(program.sessionId, 'ready')
  program.client.close()
  const before = process.memoryUsage.rss()
  await program.go()
  let most = 0
  while (!program.isOver()) {
    most = Math.max(most, process.memoryUsage.rss())
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  // Garbage of the parser, mostly; what is unparsed is at most the log.
  expect(most - before).toBeLessThan(64 * 1024 * KiB)
  const { again, attached } = await program.comeBack(5)
  await again.until(() => attached.offset + received(again) === 5 + 3_000_000 || undefined)
  again.close()
})
