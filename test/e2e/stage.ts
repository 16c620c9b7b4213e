import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type CDPSession,
  chromium,
  type Page,
} from 'playwright-core'
import { chromiumArgs, keepWorkersOut } from '../harness/chromium.ts'
import { type Cut, startCut } from '../harness/cut.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'
import { type AskingHost, startAskingHost } from './askingHost.ts'

const run = promisify(execFile)
const built = fileURLToPath(new URL('../../dist/pwa', import.meta.url))
const password = 'stage password'

/** A relay with the built app, behind a proxy that can be cut, an sshd with something to show, and a browser. */
export interface Stage {
  relay: TestRelay
  cut: Cut
  sshd: Sshd
  asking: AskingHost
  browser: Browser
  /** Directory of the app that the relay serves: a copy that a test may change. */
  app: string
  /** The app's address with a login token in its fragment. */
  address: string
  /** @param options `workers`: whether the app may have its service worker */
  open(options?: BrowserContextOptions & { workers?: boolean }): Promise<{ context: BrowserContext; page: Page }>
  /** Another relay with the same app; it is closed with the stage, or before. */
  startRelay: typeof startTestRelay
  close(): Promise<void>
}

/** Sets the stage. @param sshdLines of sshd_config, before the harness's own */
export async function setStage(sshdLines: string[] = []): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-stage-'))
  const app = join(dir, 'app')
  // Without the compressed copies, which would not follow a change of the original.
  await cp(built, app, { recursive: true, filter: (path) => !/\.(br|gz)$/.test(path) })
  const [sshd, asking] = await Promise.all([startSshd(sshdLines), startAskingHost()])
  await furnish(sshd)
  // The made-up names of the pictures are all this machine.
  const lookup = async () => [{ address: '127.0.0.1', family: 4 as const }]
  const relay = await startTestRelay({ host: true, app, limits: { log: 65_536 } }, { password, lookup })
  const others: TestRelay[] = []
  const cut = await startCut(relay.port)
  const args = [
    ...chromiumArgs,
    // A name that is not loopback to the browser.
    '--host-resolver-rules=MAP *.lan 127.0.0.1',
  ]
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args })
  return {
    relay,
    cut,
    sshd,
    asking,
    browser,
    app,
    address: relay.launchUrl.replace(`:${relay.port}/`, `:${cut.port}/`),
    async open({ workers = false, ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', ...options })
      context.setDefaultTimeout(30_000)
      if (!workers) await keepWorkersOut(context)
      return { context, page: await context.newPage() }
    },
    async startRelay(overrides, options) {
      const other = await startTestRelay({ app, ...overrides }, options)
      others.push(other)
      return other
    },
    async close() {
      await browser.close()
      await cut.close()
      for (const one of [relay, ...others]) await one.close()
      await Promise.all([sshd.close(), asking.close()])
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Lays a finger on the page and takes it away where nothing is, so that the page knows of fingers after keys. */
export async function showFinger(cdp: CDPSession): Promise<void> {
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: 1, y: 1 }] })
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchCancel', touchPoints: [] })
}

/** Opens the app and waits until its relay is there. */
export async function enter(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.getByRole('button', { name: 'This machine' }).waitFor()
}

/** Logs in to the stage's sshd from the home tab, trusting its key. */
export async function logIn(page: Page, { sshd }: Stage): Promise<void> {
  await page.getByLabel('Host, ssh command or link').fill(`ssh -p ${sshd.port} ${sshd.username}@web1.lan`)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Trust and connect' }).click()
  await page.locator('input[type=password]').fill(sshd.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
  await waitForScreen(page, 'me@web1')
}

/** Waits until a terminal shows a text, as a screen reader would find it. */
export async function waitForScreen(page: Page, text: string): Promise<void> {
  await page.waitForFunction(
    (wanted) => [...document.querySelectorAll('.xterm')].some((one) => one.textContent?.includes(wanted)),
    text,
  )
}

const log = [
  '4f1c2aa (HEAD -> main, origin/main) cache: drop stale entries on deploy',
  '91d03be api: answer 429 with Retry-After',
  '2a77e10 build: pin node 24',
  'c0ffee1 docs: how to roll back',
]

/** A directory that looks like work, and a shell that starts in it. */
async function furnish({ home, username }: Sshd): Promise<void> {
  const site = join(home, 'site')
  await rm(site, { recursive: true, force: true })
  for (const name of ['assets', 'releases/2026-11-19', 'log']) await mkdir(join(site, name), { recursive: true })
  const files = { 'README.md': 4_100, 'package.json': 1_800, 'dump.sql.zst': 1_920_000_000, '.env': 212 }
  const hours = 3_600_000
  let age = 2 * hours
  for (const [name, size] of Object.entries(files)) {
    await writeFile(join(site, name), '')
    await truncate(join(site, name), size)
    const at = new Date(Date.now() - age)
    await utimes(join(site, name), at, at)
    age *= 9
  }
  await symlink('releases/2026-11-19', join(site, 'current'))
  const odd = join(site, 'odd')
  await mkdir(odd)
  const names = [
    'new\nline.txt',
    'photo\u202egpj.exe',
    ' leading blank',
    '日本語のファイル.txt',
    '🎉 party.md',
    `${'x'.repeat(200)}.log`,
  ]
  for (const name of names) await writeFile(join(odd, name), '')
  await writeFile(Buffer.concat([Buffer.from(`${odd}/not-utf-8-`), Buffer.from([0xff, 0xfe])]), '')
  await symlink('..', join(odd, 'above'))
  await symlink('/nowhere', join(odd, 'broken'))
  const colour = (code: number, text: string) => `\\033[${code}m${text}\\033[0m`
  const history = log.map((line) => line.replace(/^\w+/, (hash) => colour(33, hash)))
  const status = [
    `${colour(32, '●')} site.service - the site`,
    `     Loaded: loaded (${colour(90, '/etc/systemd/system/site.service')}; ${colour(32, 'enabled')})`,
    `     Active: ${colour(32, 'active (running)')} since Fri 2026-11-20 09:14:02 UTC; 3h ago`,
    '   Main PID: 4121 (node)',
    '      Tasks: 23 (limit: 4915)',
    '     Memory: 181.4M',
    '',
    `Nov 20 12:20:51 web1 site[4121]: GET /healthz ${colour(32, '200')} 1ms`,
    `Nov 20 12:21:07 web1 site[4121]: POST /deploy ${colour(33, '202')} 38ms 日本語 🙂`,
  ]
  const logs = [
    `${colour(90, '12:21:09')} ${colour(36, 'info')}  worker 3 ready`,
    `${colour(90, '12:21:11')} ${colour(33, 'warn')}  slow query 212 ms  ${colour(35, 'select … from orders')}`,
  ]
  const rc = [
    'cd ~/site',
    'unset HISTFILE PROMPT_COMMAND',
    `PS1='\\[\\e]7;file://localhost$PWD\\a\\]\\[\\e[32m\\]me@web1\\[\\e[0m\\]:\\[\\e[34m\\]\\w\\[\\e[0m\\]$ '`,
    `git() { printf '${history.join('\\n')}\\n'; }`,
    `systemctl() { printf '${status.join('\\n')}\\n'; }`,
    `tail() { printf '${logs.join('\\n')}\\n'; }`,
    '',
  ]
  await writeFile(join(home, '.hushlogin'), '')
  await writeFile(join(home, '.bashrc'), rc.join('\n'))
  await writeFile(join(home, '.profile'), '. ~/.bashrc\n')
  await run('chown', ['-R', `${username}:`, home])
}
