import { createHash, randomUUID } from 'node:crypto'
import { existsSync, watch } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import headless from '@xterm/headless'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { handlers } from '../../../relay/handlers.ts'
import { type Browser, HeadlessScreen, openBrowser, until } from '../../harness/browser.ts'
import { type Cut, startCut } from '../../harness/cut.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'

let relay: TestRelay
let sshd: Sshd
const browsers: Browser[] = []

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay()
})

afterEach(async () => {
  for (const browser of browsers.splice(0)) await browser.close()
})

afterAll(async () => {
  await relay.close()
  await sshd.close()
})

async function browse(name: string = randomUUID(), url: string = relay.url): Promise<Browser> {
  const browser = await openBrowser(name, { relay: url })
  browsers.push(browser)
  await browser.online()
  return browser
}

const target = () => ({ host: sshd.host, port: sshd.port, username: sshd.username })

const sha256 = (data: Uint8Array) => createHash('sha256').update(data).digest('hex')

async function logIn(browser: Browser): Promise<void> {
  await browser.prompt('host-key')
  await browser.answer({ kind: 'host-key', accept: true })
  await browser.prompt('login')
  await browser.answer({ kind: 'login', password: sshd.password })
}

/** A window that reaches the relay through a proxy, logged in, with a command or a shell. */
async function through(cut: Cut, command?: string, name: string = randomUUID()) {
  const browser = await browse(name, `http://127.0.0.1:${cut.port}`)
  const { tab, screen } = browser.open({ ...target(), ...(command !== undefined && { command }) })
  await logIn(browser)
  await until(() => tab.session.state.value === 'open')
  return { browser, tab, screen }
}

describe('a session', () => {
  it('asks about the host key and for the password, and shows a shell', async () => {
    const browser = await browse()
    const { tab, screen } = browser.open(target())
    const hostKey = await browser.prompt('host-key')
    expect(hostKey.question).toMatchObject({ judgement: 'new', key: sshd.hostKey, known: [] })
    expect(hostKey.relay.url).toBe(new URL(relay.url).origin)
    await browser.answer({ kind: 'host-key', accept: true })
    await browser.prompt('login')
    expect(browser.app.knownHosts.list.value).toEqual([])
    await browser.answer({ kind: 'login', password: sshd.password })
    await until(() => tab.session.state.value === 'open')
    tab.session.input('echo $((6*7)) $(stty size)\r')
    await screen.shows(/^42 30 100$/m)
    await until(() => browser.app.knownHosts.list.value[0]?.keys[0]?.key === sshd.hostKey)
    tab.session.input('echo "[$LC_CTYPE]"\r')
    await screen.shows('[C.UTF-8]')
  })

  it('asks for the user name only where there is none, and for a wrong password again', async () => {
    const browser = await browse()
    const { tab } = browser.open({ host: sshd.host, port: sshd.port })
    await browser.prompt('username')
    expect(tab.session.state.value).toBe('prompting')
    await browser.answer({ kind: 'username', username: sshd.username })
    await browser.prompt('host-key')
    await browser.answer({ kind: 'host-key', accept: true })
    expect((await browser.prompt('login')).question.refused).toBe(0)
    await browser.answer({ kind: 'login', password: 'wrong' })
    await until(() =>
      browser.app.prompts.open.value.find(({ question }) => question.kind === 'login' && question.refused === 1),
    )
    await browser.answer({ kind: 'login', password: sshd.password })
    await until(() => tab.session.state.value === 'open')
    expect(tab.record.value.target.username).toBe(sshd.username)
  })

  it('shares the connection of another tab to the same place: no question, no login, and it outlives that tab', async () => {
    const browser = await browse()
    const first = browser.open(target())
    await logIn(browser)
    await until(() => first.tab.session.state.value === 'open')
    const logins = () => sshd.log().match(/Accepted/g)?.length
    const before = logins()
    const second = browser.open(target())
    await until(() => second.tab.session.state.value === 'open')
    await expect(second.tab.sftp.list('.').next()).resolves.toMatchObject({ value: { path: sshd.home } })
    const files = browser.open({ ...target(), scheme: 'sftp' })
    await expect(files.tab.sftp.list('.').next()).resolves.toMatchObject({ value: { path: sshd.home } })
    expect(logins()).toBe(before)
    await browser.app.tabs.close(first.tab.id)
    second.tab.session.input('echo $((40+2))\r')
    await second.screen.shows(/^42$/m)
    // Another name for it is another place, and nobody else's shell is lent.
    const other = browser.open({ ...target(), host: 'localhost' })
    await browser.prompt('host-key')
    expect(other.tab.session.state.value).toBe('prompting')
  })

  it('asks for a login of its own where the server takes no more sessions on the connection', async () => {
    const narrow = await startSshd(['MaxSessions 1'])
    const browser = await browse()
    const first = browser.open({ ...target(), port: narrow.port })
    await logIn(browser)
    await until(() => first.tab.session.state.value === 'open')
    const listing = first.tab.sftp.list('.').next()
    await browser.prompt('login')
    await browser.answer({ kind: 'login', password: narrow.password })
    await expect(listing).resolves.toMatchObject({ value: { path: narrow.home } })
    const second = browser.open({ ...target(), port: narrow.port })
    await browser.prompt('login')
    await browser.answer({ kind: 'login', password: narrow.password })
    await until(() => second.tab.session.state.value === 'open')
    expect(narrow.log().match(/Accepted/g)).toHaveLength(3)
    await browser.close()
    await narrow.close()
  })

  it('ends with the phase and the remedy where it cannot connect', async () => {
    const browser = await browse()
    const { tab } = browser.open({ ...target(), port: 1 })
    const failure = await until(() => tab.session.failure.value)
    expect(failure).toMatchObject({ code: 'no-ssh-server', phase: 'connection' })
    expect(failure.remedy).not.toBe('')
    expect(tab.session.state.value).toBe('closed')
    expect(tab.session.ended.value?.reason).toBe('failure')
  })

  it('says how the program ended, and Enter opens a new shell in place', async () => {
    const browser = await browse()
    const { tab, screen } = browser.open(target())
    await logIn(browser)
    tab.session.input('echo first one; exit 3\r')
    const ended = await until(() => tab.session.ended.value)
    expect(ended).toMatchObject({ reason: 'exit', exitCode: 3, message: 'The session has ended with exit code 3.' })
    tab.session.input('x')
    expect(tab.session.state.value).toBe('closed')
    tab.session.input('\r')
    expect(screen.notes).toEqual(['New shell'])
    await browser.prompt('login')
    await browser.answer({ kind: 'login', password: sshd.password })
    await until(() => tab.session.state.value === 'open')
    tab.session.input('echo $((40+2))\r')
    expect(await screen.shows(/^42$/m)).toContain('first one')
  })

  it('N-RPL-01 shows each byte of output once, cut 20 times in the middle of frames', async () => {
    const own = await startTestRelay({ limits: { log: 16 * 1024 * 1024 } })
    const cut = await startCut(own.port)
    const { tab, screen } = await through(cut, 'seq -f "line %.0f of many, with ünicode" 1 120000')
    for (let time = 0; time < 20 && tab.session.state.peek() !== 'closed'; time++) {
      const { count } = cut
      cut.cutAfter(40_000 + time * 3_571)
      await until(() => tab.session.state.value === 'closed' || tab.session.state.value === 'detached')
      await until(() => tab.session.state.value === 'closed' || tab.session.state.value === 'open')
      expect(cut.count === count + 1 || tab.session.state.peek() === 'closed').toBe(true)
    }
    await until(() => tab.session.ended.value)
    const lines = Array.from({ length: 120_000 }, (_, at) => `line ${at + 1} of many, with ünicode\r\n`).join('')
    await until(() => screen.parsed.value && screen.bytes().length >= Buffer.byteLength(lines))
    expect(sha256(screen.bytes())).toBe(sha256(Buffer.from(lines)))
    expect(tab.session.gap.value).toBeUndefined()
    expect(cut.count).toBeGreaterThan(20)
    await cut.close()
    await own.close()
  })

  it('N-RPL-01 N-RPL-04 sends each byte of input once, cut while it is on its way', async () => {
    const cut = await startCut(relay.port)
    const { tab, screen } = await through(cut, 'stty raw -echo; echo ready; head -c 600000 | sha256sum')
    await screen.shows('ready')
    const input = Buffer.from(Array.from({ length: 75_000 }, (_, at) => String(at).padStart(8, '0')).join(''))
    for (let at = 0; at < input.length; at += 30_000) {
      tab.session.input(input.subarray(at, at + 30_000))
      cut.cut()
      await until(() => tab.session.state.value === 'detached')
      tab.session.input(new Uint8Array(0))
      await until(() => tab.session.state.value !== 'detached')
    }
    await screen.shows(sha256(input))
    await until(() => tab.session.ended.value)
    await cut.close()
  })

  it('keeps what is typed while the relay is away, and counts it', async () => {
    const cut = await startCut(relay.port)
    const { tab, screen } = await through(cut)
    cut.open = false
    cut.cut()
    await until(() => tab.session.state.value === 'detached')
    const typed = 'echo typed offline $((50+5))\r'
    tab.session.input(typed)
    expect(tab.session.pendingInput.value).toBe(typed.length)
    cut.open = true
    await screen.shows('typed offline 55')
    await until(() => tab.session.pendingInput.value === 0)
    expect(screen.text().match(/typed offline 55/g)).toHaveLength(1)
    await cut.close()
  })

  it('is taken up after a reload from the screen that was kept', async () => {
    const name = randomUUID()
    const before = await browse(name)
    const opened = before.open(target())
    await logIn(before)
    opened.tab.session.input('A=remembered; echo before the $((1))st reload; sleep 0.3; echo $((7*11))\r')
    await opened.screen.shows('before the 1st reload')
    await opened.tab.session.keep()
    await before.close()

    const after = await browse(name)
    const [tab] = after.app.tabs.tabs.value
    if (!tab) throw new Error('no tab')
    expect(after.app.tabs.active.value).toBe(tab.id)
    expect(tab.session.state.value).toBe('detached')
    const screen = new HeadlessScreen(tab.session)
    await until(() => tab.session.state.value === 'open')
    await screen.shows(/^77$/m)
    tab.session.input('echo $A\r')
    const text = await screen.shows(/^remembered$/m)
    expect(text.match(/^before the 1st reload$/gm)).toHaveLength(1)
    expect(screen.bytes().toString()).not.toContain('before the 1st')
  })

  it('shows its last screen after a reload though it has ended, and opens a new shell below it', async () => {
    const name = randomUUID()
    const before = await browse(name)
    const { tab, screen } = before.open(target())
    await logIn(before)
    tab.session.input('echo the last words $((6*7)); exit\r')
    await until(() => tab.session.ended.value)
    await screen.shows('the last words 42')
    await tab.session.keep()
    await before.close()
    const after = await browse(name)
    const [again] = after.app.tabs.tabs.value
    if (!again) throw new Error('no tab')
    const drawn = new HeadlessScreen(again.session)
    await drawn.shows('the last words 42')
    expect(again.session.state.value).toBe('closed')
    again.session.input('\r')
    await after.prompt('login')
    await after.answer({ kind: 'login', password: sshd.password })
    await until(() => again.session.state.value === 'open')
    again.session.input('echo $((7*7))\r')
    expect(await drawn.shows(/^49$/m)).toContain('the last words 42')
  })

  it('N-RPL-02 counts the output that the relay could not keep', async () => {
    const own = await startTestRelay({ limits: { log: 64 * 1024 } })
    const cut = await startCut(own.port)
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-gap-'))
    await chmod(folder, 0o777)
    const done = new Promise<void>((resolve) => {
      const watching = watch(folder, (_event, file) => {
        if (file !== 'done') return
        watching.close()
        resolve()
      })
    })
    const command = `cd ${folder}; until [ -e go ]; do sleep 0.02; done; seq 1 100000; echo all; touch done; cat`
    const { tab, screen } = await through(cut, command)
    cut.open = false
    cut.cut()
    await until(() => tab.session.state.value === 'detached')
    await writeFile(join(folder, 'go'), '')
    await done
    cut.open = true
    await screen.shows(/^all$/m)
    const missing = tab.session.gap.value ?? 0
    expect(missing).toBeGreaterThan(400_000)
    expect(screen.bytes().length + missing).toBe(tab.session.offset)
    expect(screen.notes).toEqual([`${missing.toLocaleString('en')} bytes of output were not kept`])
    await rm(folder, { recursive: true })
    await cut.close()
    await own.close()
  })

  it('N-RPL-02 comes back to a full-screen program whose modes are older than the log', async () => {
    let handedIn = 0
    const own = await startTestRelay(
      { limits: { log: 64 * 1024 } },
      {
        handlers: {
          'ssh-screen': (scene, message) => {
            handlers['ssh-screen'](scene, message)
            handedIn = message.offset
            return undefined
          },
        },
      },
    )
    const cut = await startCut(own.port)
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-screen-'))
    await chmod(folder, 0o777)
    const redraws = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => `\u001b[${1 + (n % 30)};${1 + ((n * 7) % 80)}H ${from + n} `).join('')
    const opening = '\u001b[2J\u001b]0;editor\u0007\u001b[?1049h\u001b[?1003;1006;2004h\u001b[?25l'
    const before = `${opening}${redraws(0, 9000)}`
    const away = redraws(9000, 40_000)
    await writeFile(join(folder, 'before'), before)
    await writeFile(join(folder, 'away'), away)
    const command = `cd ${folder}; stty raw -echo; cat before; until [ -e go ]; do sleep 0.02; done; cat away; touch done; cat`
    const { tab, screen } = await through(cut, command)
    await until(() => tab.session.title.value === 'editor')
    await vi.waitFor(() => expect(handedIn).toBe(before.length), 10_000)
    cut.open = false
    cut.cut()
    await until(() => tab.session.state.value === 'detached')
    await writeFile(join(folder, 'go'), '')
    await vi.waitFor(() => expect(existsSync(join(folder, 'done'))).toBe(true), 10_000)
    tab.session.title.value = undefined
    cut.open = true
    await until(() => screen.parsed.value >= 0 && tab.session.offset === before.length + away.length)
    const missing = tab.session.gap.value ?? 0
    expect(screen.notes).toEqual([`${missing.toLocaleString('en')} bytes of output were not kept`])
    expect(screen.bytes().length + missing).toBe(tab.session.offset)
    expect(tab.session.title.value).toBe('editor')
    const unbroken = new headless.Terminal({ cols: 100, rows: 30, allowProposedApi: true })
    await new Promise<void>((done) => unbroken.write(before + away, done))
    expect(screen.xterm.modes).toEqual(unbroken.modes)
    expect(screen.xterm.modes).toMatchObject({ mouseTrackingMode: 'any', bracketedPasteMode: true })
    expect(screen.xterm.buffer.active.type).toBe('alternate')
    expect(screen.text()).toBe(
      Array.from({ length: 30 }, (_, y) => unbroken.buffer.active.getLine(y)?.translateToString(true)).join('\n'),
    )
    await rm(folder, { recursive: true })
    await cut.close()
    await own.close()
  })

  it('says how it has ended while nobody was attached', async () => {
    const own = await startTestRelay({ limits: { graceMs: 200 } })
    const cut = await startCut(own.port)
    const { tab, screen } = await through(cut, 'echo here; cat')
    await screen.shows('here')
    cut.open = false
    cut.cut()
    await until(() => tab.session.state.value === 'detached')
    await expect.poll(() => own.events.some(({ event }) => event === 'session-end')).toBe(true)
    cut.open = true
    const ended = await until(() => tab.session.ended.value)
    expect(ended).toMatchObject({ reason: 'expired', message: expect.stringContaining('nobody had come back') })
    await cut.close()
    await own.close()
  })

  it('N-RPL-06 answers a query once, though its output is replayed after a reload', async () => {
    const name = randomUUID()
    const before = await browse(name)
    const opened = before.open(target())
    await logIn(before)
    opened.tab.session.input("stty -icanon -echo; printf '\\033[c\\033[6n'; cat -v\r")
    await opened.screen.shows(/\^\[\[\?1;2c.*R/)
    await before.app.store.screens.remove(opened.tab.id)
    await before.close()

    const after = await browse(name)
    const [tab] = after.app.tabs.tabs.value
    if (!tab) throw new Error('no tab')
    await after.app.store.screens.remove(tab.id)
    const screen = new HeadlessScreen(tab.session)
    await until(() => tab.session.state.value === 'open')
    await screen.shows(/\^\[\[\?1;2c.*R/)
    tab.session.input('the end\n')
    const text = await screen.shows('the end')
    expect(text.match(/\^\[\[\?1;2c/g)).toHaveLength(1)
    expect(
      screen
        .bytes()
        .toString()
        .match(/\[\?1;2c/g),
    ).toHaveLength(1)
  })

  it('goes to the window that opened it last, and can be taken back', async () => {
    const name = randomUUID()
    const first = await browse(name)
    const { tab, screen } = first.open(target())
    await logIn(first)
    tab.session.input('echo $((2*21))\r')
    await screen.shows(/^42$/m)
    const second = await browse(name)
    const there = await until(() => second.app.tabs.tabs.value[0])
    const second_screen = new HeadlessScreen(there.session)
    await until(() => tab.session.takenElsewhere.value)
    await second_screen.shows(/^42$/m)
    expect(tab.session.input('lost')).toBe(false)
    there.session.input('echo $((3*21))\r')
    await second_screen.shows(/^63$/m)
    tab.session.takeBack()
    await until(() => there.session.takenElsewhere.value)
    expect(await screen.shows(/^63$/m)).not.toContain('lost')
    tab.session.input('echo $((4*21))\r')
    await screen.shows(/^84$/m)
  })

  it('stays with its window while another window only lists its tab, and is taken up there when it is shown', async () => {
    const name = randomUUID()
    const one = await browse(name)
    const other = await openBrowser(name, { relay: relay.url, window: { id: 'other', alone: false } })
    browsers.push(other)
    await other.online()
    const { tab, screen } = one.open(target())
    await logIn(one)
    await until(() => other.app.tabs.tabs.value[0]?.session.state.value === 'detached')
    expect(other.app.tabs.active.value).toBeUndefined()
    tab.session.input('echo still-"mine"\r')
    await screen.shows('still-mine')
    expect(tab.session.takenElsewhere.value).toBe(false)
    const theirs = other.app.tabs.get(tab.id)
    if (!theirs) throw new Error('no tab')
    other.app.tabs.activate(theirs.id)
    const theirScreen = new HeadlessScreen(theirs.session)
    await theirScreen.shows('still-mine')
    await until(() => tab.session.takenElsewhere.value)
  })

  it('asks about input that has waited for more than ten seconds, and what is typed then waits behind it', async () => {
    const cut = await startCut(relay.port)
    const { tab, screen } = await through(cut)
    const { session } = tab
    const away = async (typed: string) => {
      cut.open = false
      cut.cut()
      await until(() => session.state.value === 'detached')
      session.input(typed)
      const now = Date.now
      // The device has slept: the steady clock need not know.
      vi.spyOn(Date, 'now').mockImplementation(() => now() + 11_000)
      cut.open = true
      await until(() => session.state.value === 'open')
      vi.restoreAllMocks()
    }
    await away('echo first-$((1+1))\r')
    expect(session.heldInput.value).toEqual({ text: 'echo first-$((1+1))⏎', hidden: 0, characters: 20 })
    expect(session.pendingInput.value).toBe(0)
    session.input('echo second-$((1+1))\r')
    expect(session.heldInput.value?.text).toBe('echo first-$((1+1))⏎\necho second-$((1+1))⏎')
    // Another cut changes nothing about the question.
    cut.cut()
    await until(() => session.state.value === 'detached')
    await until(() => session.state.value === 'open')
    session.sendHeld()
    expect(session.heldInput.value).toBeUndefined()
    await screen.shows('second-2')
    expect(screen.text().match(/^(first|second)-2$/gm)).toEqual(['first-2', 'second-2'])

    await away('echo third-$((1+1))\r')
    session.discardHeld()
    session.input('echo fourth-$((1+1))\r')
    await screen.shows('fourth-2')
    expect(screen.text()).not.toContain('third')
    await cut.close()
  })

  it('N-SLP-01 sends input that has waited for a moment unasked, though the clock was set back by a day', async () => {
    const cut = await startCut(relay.port)
    const { tab, screen } = await through(cut)
    const now = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => now() - 86_400_000)
    cut.open = false
    cut.cut()
    await until(() => tab.session.state.value === 'detached')
    tab.session.input('echo $((6*7))\r')
    cut.open = true
    await screen.shows(/^42$/m)
    expect(tab.session.heldInput.value).toBeUndefined()
    expect(performance.now() - (tab.session.link?.lastHeard.value?.steady ?? 0)).toBeLessThan(60_000)
    vi.restoreAllMocks()
    await cut.close()
  })

  it('says how much was not sent when there is nobody left to send it to', async () => {
    const own = await startTestRelay()
    const cut = await startCut(own.port)
    const { tab } = await through(cut)
    cut.open = false
    cut.cut()
    await until(() => tab.session.state.value === 'detached')
    tab.session.input('für\r')
    await own.close()
    const again = await startTestRelay({ port: own.port })
    cut.open = true
    const ended = await until(() => tab.session.ended.value)
    expect(ended.message).toBe('The relay was restarted, so the session has ended. 4 characters were not sent.')
    await again.close()
    await cut.close()
  })

  it('keeps what is typed after a reload before the session is taken up', async () => {
    const name = randomUUID()
    const before = await browse(name)
    const opened = before.open(target())
    await logIn(before)
    opened.tab.session.input('echo one; cat\r')
    await opened.screen.shows(/^one$/m)
    await before.close()
    const after = await browse(name)
    const tab = await until(() => after.app.tabs.tabs.value[0])
    tab.session.input('typed early\r')
    const screen = new HeadlessScreen(tab.session)
    const text = await screen.shows(/typed early\s+typed early/)
    expect(text.match(/typed early/g)).toHaveLength(2)
  })

  it('N-SLO-01 holds a paste of 10 MB back from a program that does not read, and refuses more than can wait as a whole', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-paste-'))
    await chmod(folder, 0o777)
    const browser = await browse()
    const size = 10 * 1024 * 1024
    const command = `stty raw -echo; echo ready; until [ -e ${folder}/go ]; do sleep 0.02; done; head -c ${size} | sha256sum`
    const { tab, screen } = browser.open({ ...target(), command })
    await logIn(browser)
    await screen.shows('ready')
    const paste = new Uint8Array(size).map((_, at) => 32 + ((at * 7919) % 90))
    expect(tab.session.input(paste)).toBe(true)
    expect(tab.session.input(new Uint8Array(8 * 1024 * 1024))).toBe(false)
    expect(browser.app.trouble.value?.code).toBe('input-full')
    // Once nothing moves any more, almost all of it waits here: what is on its way is bounded.
    let before = -1
    await vi.waitFor(
      () => {
        const now = tab.session.pendingInput.peek()
        const still = now === before
        before = now
        expect(still).toBe(true)
      },
      { interval: 300, timeout: 10_000 },
    )
    expect(before).toBeGreaterThan(size - 4 * 1024 * 1024)
    await writeFile(join(folder, 'go'), '')
    await screen.shows(sha256(paste))
    await rm(folder, { recursive: true })
  })

  it('N-RPL-06 leaves queries unanswered that the other window has answered, when it is taken back', async () => {
    const name = randomUUID()
    const first = await browse(name)
    const { tab, screen } = first.open(target())
    await logIn(first)
    const ask = String.raw`stty -icanon -echo; echo rea\dy; head -c 1 > /dev/null; printf '\033[c'; cat -v`
    tab.session.input(`${ask}\r`)
    await screen.shows(/^ready$/m)
    const second = await browse(name)
    const there = await until(() => second.app.tabs.tabs.value[0])
    const thereScreen = new HeadlessScreen(there.session)
    await until(() => tab.session.takenElsewhere.value)
    await until(() => there.session.state.value === 'open')
    there.session.input('x')
    await thereScreen.shows('^[[?1;2c')
    tab.session.takeBack()
    await until(() => there.session.takenElsewhere.value)
    await screen.shows('^[[?1;2c')
    tab.session.input('the end\n')
    expect((await screen.shows('the end')).match(/\^\[\[\?1;2c/g)).toHaveLength(1)
  })

  it('N-ATT-05 after each of 100 races of two windows exactly one has the session, and what it types arrives once', async () => {
    const own = await startTestRelay()
    const name = randomUUID()
    const one = await browse(name, own.url)
    const { tab, screen } = one.open({ ...target(), command: 'stty -echo; echo ready; cat' })
    await logIn(one)
    await screen.shows('ready')
    const other = await browse(name, own.url)
    const there = await until(() => other.app.tabs.tabs.value[0])
    const otherScreen = new HeadlessScreen(there.session)
    await until(() => tab.session.takenElsewhere.value && there.session.state.value === 'open')
    const sessions = [tab.session, there.session] as const
    for (let race = 0; race < 100; race++) {
      const holder = sessions.find((session) => !session.takenElsewhere.peek())
      const loser = sessions.find((session) => session !== holder)
      // The one comes back from a cut while the other takes it: whoever is heard last has it.
      holder?.link?.cut()
      if (race % 2) await new Promise((resolve) => setImmediate(resolve))
      loser?.takeBack()
      await until(() => {
        const having = sessions.filter(({ takenElsewhere }) => !takenElsewhere.value)
        return having.length === 1 && having[0]?.state.value === 'open'
      })
      const winner = sessions.findIndex(({ takenElsewhere }) => !takenElsewhere.peek())
      sessions[winner]?.input(`race ${race}.\r`)
      const shown = winner === 0 ? screen : otherScreen
      await shown.shows(`race ${race}.`)
    }
    tab.session.takeBack()
    const text = await screen.shows('race 99.')
    expect(text.match(/race \d+\./g)).toEqual(Array.from({ length: 100 }, (_, race) => `race ${race}.`))
    await own.close()
  })

  it('N-DRN-01 tells when the relay will be gone, and then that it was shut down', async () => {
    const own = await startTestRelay({ limits: { drainTerminalsMs: 500 } })
    const browser = await browse(randomUUID(), own.url)
    const { tab } = browser.open(target())
    await logIn(browser)
    await until(() => tab.session.state.value === 'open')
    const drained = own.drain()
    const ends = await until(() => tab.session.link?.ends.value)
    expect(ends - performance.now()).toBeLessThanOrEqual(500)
    expect(await until(() => tab.session.ended.value)).toMatchObject({
      reason: 'draining',
      message: 'The relay was shut down, so the session has ended.',
    })
    await until(() => tab.session.link?.ends.value === undefined)
    await drained
  })

  it('ends at the relay when its tab was closed while the relay was away, also after a reload', async () => {
    const name = randomUUID()
    const cut = await startCut(relay.port)
    const { browser, tab } = await through(cut, 'cat', name)
    const { sessionId } = tab.session
    cut.open = false
    cut.cut()
    await until(() => tab.session.state.value === 'detached')
    await browser.app.tabs.close(tab.id)
    expect(browser.app.store.endings.items.value).toMatchObject([{ id: sessionId }])
    await browser.close()
    const ended = () => relay.events.some(({ event, session }) => event === 'session-end' && session === sessionId)
    expect(ended()).toBe(false)
    cut.open = true
    const after = await browse(name, `http://127.0.0.1:${cut.port}`)
    await until(() => after.app.store.endings.items.value.length === 0)
    expect(ended()).toBe(true)
    expect(after.app.trouble.value).toBeUndefined()
    await cut.close()
  })

  it('says that the relay was restarted, keeps the last screen, and connects anew by Enter', async () => {
    const own = await startTestRelay()
    const cut = await startCut(own.port)
    const { browser, tab, screen } = await through(cut)
    tab.session.input('echo $((2*21))\r')
    await screen.shows(/^42$/m)
    cut.open = false
    cut.cut()
    await own.close()
    const again = await startTestRelay({ port: own.port })
    cut.open = true
    const ended = await until(() => tab.session.ended.value)
    expect(ended).toEqual({ reason: 'lost', message: 'The relay was restarted, so the session has ended.' })
    tab.session.input('\r')
    await browser.prompt('login')
    expect(screen.text()).toMatch(/^42$/m)
    expect(screen.notes).toEqual(['New shell'])
    await again.close()
    await cut.close()
  })

  it('ends at the relay when its tab is closed where it was not shown since a reload', async () => {
    const name = randomUUID()
    const before = await browse(name)
    const { tab } = before.open(target())
    await logIn(before)
    await until(() => tab.session.state.value === 'open')
    const { sessionId } = tab.session
    await before.close()
    const after = await browse(name)
    await after.app.tabs.close(tab.id)
    expect(relay.events.some(({ event, session }) => event === 'session-end' && session === sessionId)).toBe(true)
    expect(after.app.trouble.value).toBeUndefined()
  })

  it('takes its question along when its tab is closed', async () => {
    const browser = await browse()
    const { tab } = browser.open({ host: sshd.host, port: sshd.port })
    await browser.prompt('username')
    await browser.app.tabs.close(tab.id)
    expect(browser.app.prompts.open.value).toEqual([])
    const other = browser.open(target()).tab
    await browser.prompt('host-key')
    await browser.app.tabs.close(other.id)
    expect(browser.app.prompts.open.value).toEqual([])
  })

  it('connects by itself when the relay was lost, or restarted, before it was open', async () => {
    const own = await startTestRelay()
    const cut = await startCut(own.port)
    const browser = await browse(randomUUID(), `http://127.0.0.1:${cut.port}`)
    const { tab } = browser.open(target())
    await browser.prompt('host-key')
    cut.open = false
    cut.cut()
    await until(() => tab.session.link?.state.value === 'offline')
    await own.close()
    const again = await startTestRelay({ port: own.port })
    cut.open = true
    await browser.online()
    const asked = await until(() => browser.app.prompts.open.value[0])
    expect(asked.question.kind).toBe('host-key')
    await until(
      () =>
        again.events.some(({ event }) => event === 'socket-open') && browser.app.prompts.open.value[0] !== undefined,
    )
    await logIn(browser)
    await until(() => tab.session.state.value === 'open')
    await again.close()
    await cut.close()
  })

  it('without WebCrypto it works until the first cut, and says so', async () => {
    const cut = await startCut(relay.port)
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    const { browser, tab, screen } = await through(cut)
    expect(browser.app.secure).toBe(false)
    tab.session.input('echo $((2*21))\r')
    await screen.shows(/^42$/m)
    cut.cut()
    const ended = await until(() => tab.session.ended.value)
    expect(ended).toMatchObject({ reason: 'lost', message: expect.stringContaining('plain http') })
    vi.unstubAllGlobals()
    await cut.close()
  })

  it('ends at the relay when its tab is closed', async () => {
    const browser = await browse()
    const { tab } = browser.open(target())
    await logIn(browser)
    await until(() => tab.session.state.value === 'open')
    const { sessionId } = tab.session
    await browser.app.tabs.close(tab.id)
    expect(relay.events.some(({ event, session }) => event === 'session-end' && session === sessionId)).toBe(true)
    expect(browser.app.tabs.tabs.value).toEqual([])
    expect(browser.app.store.tabs.items.value).toEqual([])
  })
})
