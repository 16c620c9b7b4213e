import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

const dist = fileURLToPath(new URL('../../dist/', import.meta.url))

/** What is off: two pages of the browser's own that it draws beside each window, and what playwright-core 1.65 turns off, whose list this takes the place of. */
const off = [
  ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'],
  ...['AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades', 'LensOverlay'],
  ...['HttpsFirstBalancedModeAutoEnable', 'MediaRouter', 'PaintHolding', 'ThirdPartyStoragePartitioning', 'AimEnabled'],
  ...['AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'PreconnectToSearch'],
]

/** Without WebGL a terminal draws text that a test can read. */
export const chromiumArgs = [
  '--disable-3d-apis',
  '--disable-component-update',
  '--disable-background-networking',
  `--disable-features=${off.join()}`,
]

/** What Chromium itself says where a request or a WebSocket did not come through, whichever of the two was on its way. */
const ofTheNetwork = /net::ERR_|^WebSocket connection to '[^']*' failed: /

/** What of a page's errors is not Chromium's own word for a network that a test has cut. */
export function ofTheApp(errors: readonly string[]): string[] {
  return errors.filter((error) => !ofTheNetwork.test(error))
}

/** Keeps the service worker of the app out of pages that can do without: to install it takes as long as to load the page. */
export function keepWorkersOut(context: BrowserContext): Promise<unknown> {
  return context.addInitScript(() => {
    // None of Chromium on plain http off loopback.
    const container = globalThis.ServiceWorkerContainer as typeof ServiceWorkerContainer | undefined
    if (container) container.prototype.register = () => new Promise(() => undefined)
  })
}

interface Start {
  extension?: string
  workers?: boolean
}

/** Chromium with a profile of its own. */
export interface Chromium {
  context: BrowserContext
  /** Opens a page and fails the test later through `errors`. */
  open(url: string): Promise<Page>
  /** What pages have thrown or logged as an error so far, and what a content security policy has stopped. */
  errors: string[]
  close(): Promise<void>
}

/**
 * Starts Debian's Chromium, headless. @param extension folder of a built extension to load
 * @param workers whether the app may have its service worker
 */
export async function startChromium({ extension, workers = false }: Start = {}): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'fairlead-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    viewport: { width: 1200, height: 800 },
    args: [
      ...chromiumArgs,
      // No name is looked up and nothing is fetched but from this machine.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
      ...(extension ? [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`] : []),
    ],
  })
  context.setDefaultTimeout(30_000)
  if (!extension && !workers) await keepWorkersOut(context)
  const errors: string[] = []
  context.on('weberror', (event) => errors.push(String(event.error())))
  context.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  return {
    context,
    errors,
    async open(url) {
      const page = await context.newPage()
      await page.goto(url)
      return page
    },
    async close() {
      await context.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}

/** Chromium with the built extension. */
export interface ChromiumExtension extends Chromium {
  /** Address of the extension's pages, without a slash at its end. */
  origin: string
}

/**
 * Loads the built extension. The prompt for a relay's permission cannot be answered without a head, so a copy is loaded whose
 * permissions for this machine have been given beforehand; nothing else in it differs.
 */
export async function startChromiumExtension(): Promise<ChromiumExtension> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-extension-'))
  await cp(join(dist, 'extension/chrome-mv3'), folder, { recursive: true })
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
  manifest.host_permissions = ['http://127.0.0.1/*', 'http://localhost/*']
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest))
  const browser = await startChromium({ extension: folder })
  const worker = browser.context.serviceWorkers()[0] ?? (await browser.context.waitForEvent('serviceworker'))
  return {
    ...browser,
    origin: `chrome-extension://${new URL(worker.url()).host}`,
    async close() {
      await browser.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
