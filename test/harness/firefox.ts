import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Marionette } from './marionette.ts'
import { freePort } from './sshd.ts'

/** WebDriver's name for the reference to an element (W3C WebDriver §12.1). */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'

/** Keys that have no character, as WebDriver writes them (W3C WebDriver §17.4.2). */
export const keys = {
  enter: '\ue007',
  control: '\ue009',
  shift: '\ue008',
  escape: '\ue00c',
  release: '\ue000',
} as const

/** Debian's Firefox with a profile of its own, driven from outside the page. */
export interface Firefox {
  goto(url: string): Promise<void>
  /** Runs the body of a function in the page; `arguments` holds what is given. */
  run<T>(body: string, ...given: unknown[]): Promise<T>
  /** Resolves with what the body gives back, once that is neither false nor empty. @throws after 20 s, with the last answer */
  until<T>(body: string, ...given: unknown[]): Promise<T>
  /** Clicks the first element that fits a CSS selector, once it is there. */
  click(selector: string): Promise<void>
  /** Clicks the element that the body gives back, once it does. */
  clickFound(body: string, ...given: unknown[]): Promise<void>
  /** Types into the first element that fits. */
  type(selector: string, text: string): Promise<void>
  /** Types into whatever has the focus. */
  press(text: string): Promise<void>
  /** Window size in CSS pixels. */
  resize(width: number, height: number): Promise<void>
  screenshot(): Promise<Buffer>
  /** Where it saves downloads, without asking. */
  downloads: string
  close(): Promise<void>
}

/** A built extension to install, and the UUID that its pages shall have. */
export interface Addon {
  path: string
  id: string
  uuid: string
}

/** Starts Firefox, headless, and installs the extension. Prompts for optional permissions are answered with yes. */
export async function startFirefox(addon?: Addon): Promise<Firefox> {
  const profile = await mkdtemp(join(tmpdir(), 'fairlead-firefox-'))
  const port = await freePort()
  const preferences: Record<string, string | number | boolean> = {
    'marionette.port': port,
    'extensions.webextensions.uuids': JSON.stringify(addon ? { [addon.id]: addon.uuid } : {}),
    'extensions.webextOptionalPermissionPrompts': false,
    'browser.shell.checkDefaultBrowser': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'app.update.enabled': false,
    'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false,
    'toolkit.telemetry.enabled': false,
    'browser.download.folderList': 2,
    'browser.download.dir': join(profile, 'downloads'),
  }
  const lines = Object.entries(preferences).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  )
  await writeFile(join(profile, 'user.js'), lines.join('\n'))
  const child = spawn(
    'firefox-esr',
    ['--headless', '--marionette', '--remote-allow-system-access', '--no-remote', '--profile', profile],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' } },
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let said = ''
  const listening = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('Listening on port')) resolve()
      })
    }
    child.once('exit', () => reject(new Error(`Firefox ended: ${said}`)))
  })
  const close = async (marionette?: Marionette) => {
    marionette?.close()
    child.kill('SIGKILL')
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }

  try {
    await listening
    const marionette = await Marionette.open(port)
    await marionette.send('WebDriver:NewSession', {})
    await marionette.send('WebDriver:SetTimeouts', { script: 25_000, pageLoad: 25_000, implicit: 20_000 })
    if (addon) await marionette.send('Addon:Install', { path: addon.path, temporary: true })
    return { ...remote(marionette, () => close(marionette)), downloads: join(profile, 'downloads') }
  } catch (error) {
    await close()
    throw error
  }
}

function remote(marionette: Marionette, close: () => Promise<void>): Omit<Firefox, 'downloads'> {
  const find = async (selector: string) => {
    const found = await marionette.send('WebDriver:FindElement', { using: 'css selector', value: selector })
    return (found as Record<string, string>)[ELEMENT]
  }
  const run = async (body: string, ...args: unknown[]) =>
    marionette.send('WebDriver:ExecuteScript', { script: body, args, newSandbox: false, sandbox: null })
  const until = async <T>(body: string, ...given: unknown[]) => {
    const script = `const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1)
      const ask = function () { ${body} }
      const end = Date.now() + 20000
      const look = () => {
        const answer = ask(...given)
        if (answer || Date.now() > end) done({ answer })
        else setTimeout(look, 25)
      }
      look()`
    const { answer } = (await marionette.send('WebDriver:ExecuteAsyncScript', {
      script,
      args: given,
      newSandbox: false,
      sandbox: null,
    })) as { answer: T }
    if (!answer)
      throw new Error(`It did not come to this: ${body}; the page says ${await run('return document.body.innerText')}`)
    return answer
  }
  return {
    goto: async (url) => void (await marionette.send('WebDriver:Navigate', { url })),
    // What a script gives back is known to the test that wrote it, not to the compiler.
    run: async <T>(body: string, ...given: unknown[]) => (await run(body, ...given)) as T,
    until,
    async clickFound(body, ...given) {
      const found = await until<Record<string, string>>(body, ...given)
      await marionette.send('WebDriver:ElementClick', { id: found[ELEMENT] })
    },
    click: async (selector) => void (await marionette.send('WebDriver:ElementClick', { id: await find(selector) })),
    type: async (selector, text) =>
      void (await marionette.send('WebDriver:ElementSendKeys', { id: await find(selector), text })),
    async press(text) {
      const actions = [...text].flatMap((value) => [
        { type: 'keyDown', value },
        { type: 'keyUp', value },
      ])
      await marionette.send('WebDriver:PerformActions', { actions: [{ type: 'key', id: 'keyboard', actions }] })
    },
    resize: async (width, height) => void (await marionette.send('WebDriver:SetWindowRect', { width, height })),
    screenshot: async () =>
      Buffer.from(String(await marionette.send('WebDriver:TakeScreenshot', { full: false })), 'base64'),
    close,
  }
}
