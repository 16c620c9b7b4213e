import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { expect, test } from 'vitest'
import { isReply } from '../../pwa/terminal/replies.ts'
import { AppPage } from '../harness/app.ts'
import { startChromium } from '../harness/chromium.ts'
import { startTestRelay } from '../harness/relay.ts'
import { startSshd } from '../harness/sshd.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))

/** Streams in all, and in one part; each part has a seed of its own, the first this one. */
const streams = { seed: 20, parts: 20, each: 500_000 }
/** Bytes by which the page's memory may grow in the second half, and elements: what is kept of 5 million streams. */
const growth = { bytes: 3e6, nodes: 100 }

/** The program that prints them, as one file. */
async function program(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: fileURLToPath(new URL('./escapesHost.ts', import.meta.url)), write: false, target: 'node20' },
  })
  const chunks = [built].flat().flatMap((one) => ('output' in one ? one.output : []))
  return chunks.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.code : [])).join('')
}

/** What stands on the page outside of terminals, but for the texts: elements with the names of their attributes. */
function outside(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('*')]
      // The current directory is there when a shell has told it, and what is seen rarely is loaded by and by.
      .filter((element) => !element.closest('.terminal-place *, .status-item.directory, head > link'))
      .map((element) => [element.localName, ...element.getAttributeNames()].join(' ')),
  )
}

/** Notes from now on what is added outside of terminals, and what can be read there that is not plain or too long. */
async function watch(page: Page, label: string): Promise<() => Promise<{ added: string[]; read: string[] }>> {
  await page.evaluate(
    ({ label, most }) => {
      const added = new Set<string>()
      const read = new Set<string>()
      /** What follows the output: the title of the tab, and so of the page, and the current directory. */
      const judge = (text: string | null) => {
        const said = (text ?? '').replace(`${label}: `, '').replace(/ – Fairlead$/, '')
        const deceiving = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
        if (deceiving.test(said) || [...said].length > most) read.add(said.slice(0, 400))
      }
      const observer = new MutationObserver((records) => {
        for (const { target, addedNodes, attributeName } of records) {
          const element = target instanceof Element ? target : target.parentElement
          if (!element?.isConnected || element.closest('.terminal-place')) continue
          if (attributeName) judge(element.getAttribute(attributeName))
          else if (target instanceof Text) judge(target.data)
          for (const node of addedNodes) {
            judge(node.textContent)
            if (!(node instanceof Element) || node.matches('span.status-item.directory')) continue
            const own = node instanceof HTMLLinkElement && node.href.startsWith(`${location.origin}/assets/`)
            if (!own) added.add(node.outerHTML.slice(0, 400))
          }
        }
      })
      observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
      Object.assign(window, { watched: () => ({ added: [...added], read: [...read] }) })
    },
    { label, most: 128 },
  )
  // A page that was loaded again would not have it.
  return () => page.evaluate(() => (window as unknown as { watched(): { added: string[]; read: string[] } }).watched())
}

/** What the page takes once nothing is left that nobody needs. */
async function measure(page: Page): Promise<{ bytes: number; nodes: number }> {
  const session = await page.context().newCDPSession(page)
  for (let time = 0; time < 3; time++) await session.send('HeapProfiler.collectGarbage')
  const heap: { usedSize: number; backingStorageSize?: number } = await session.send('Runtime.getHeapUsage')
  const { nodes } = await session.send('Memory.getDOMCounters')
  await session.detach()
  return { bytes: heap.usedSize + (heap.backingStorageSize ?? 0), nodes }
}

/** Cuts what a terminal has typed before each sequence; the end of a string belongs to what it ends. */
const sequences = (typed: string) => typed.split(/(?=\u001b[^\\])/)

test('T-ESC-01 after 10^7 hostile streams nothing was thrown, added, opened or kept, and the terminal works', async () => {
  const [relay, sshd, code] = await Promise.all([startTestRelay({ app: dist }), startSshd(), program()])
  const [file, answers] = ['escapes.mjs', 'escapes.answers'].map((name) => join(sshd.home, name)) as [string, string]
  await writeFile(file, code)
  const browser = await startChromium()
  await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: relay.url })
  const app = new AppPage(await browser.open(relay.url))
  const { page } = app
  await app.input.waitFor()
  await app.openShell(sshd)
  await page.evaluate(() => navigator.clipboard.writeText('mine'))
  // The tables of graphemes are loaded, and the directory is shown.
  await app.sh(`printf 'gr\\303\\274n \\033]7;file://box/srv\\007\\n'`)
  await page.locator('.status-item.directory').waitFor()

  const visited: string[] = []
  const assets = new URL('/assets/', relay.url).href
  page.on('framenavigated', (frame) => visited.push(frame.url()))
  page.on('request', (request) => request.url().startsWith(assets) || visited.push(request.url()))
  page.on('dialog', (dialog) => visited.push(dialog.message()))
  page.on('download', (download) => visited.push(download.url()))
  browser.context.on('page', (other) => visited.push(other.url()))
  const before = await outside(page)
  const watched = await watch(page, `${sshd.username}@127.0.0.1:${sshd.port}`)
  page.setDefaultTimeout(5 * 60_000)

  const memory: { bytes: number; nodes: number }[] = []
  for (let part = 0; part < streams.parts; part++) {
    const seed = streams.seed + part
    const print = `${process.execPath} ${file} ${seed} ${streams.each} ${answers}`
    await app.sh(`stty raw -echo; ${print}; stty sane`).catch((cause) => {
      throw new Error(`The page did not come through the streams of seed ${seed}`, { cause })
    })
    // What xterm throws and `mend` steps over is told as an error: none is known, so every one counts.
    expect(browser.errors, `seed ${seed}`).toEqual([])
    expect(await watched(), `seed ${seed}`).toEqual({ added: [], read: [] })
    expect(visited, `seed ${seed}`).toEqual([])
    memory.push(await measure(page))
  }
  expect(await outside(page)).toEqual(before)
  expect(await page.evaluate(() => 'hostile' in window)).toBe(false)
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('mine')
  const half = memory[streams.parts / 2 - 1]
  const end = memory.at(-1)
  if (!half || !end) throw new Error('Nothing was measured')
  expect(end.bytes - half.bytes).toBeLessThan(growth.bytes)
  expect(end.nodes - half.nodes).toBeLessThan(growth.nodes)

  const typed = sequences(await readFile(answers, 'latin1'))
  expect(typed.length).toBeGreaterThan(10 * streams.parts)
  // A report of the focus comes at once when it is asked for.
  expect(typed.filter((one) => !isReply(one) && !/^\u001b\[[IO]$/.test(one))).toEqual([])

  await app.sh(`printf '\\033[!p\\033cplain\\r\\n\\033[31mred\\033[m\\t\\346\\227\\245|\\r\\n'`)
  const lines = await app.lines()
  expect(lines.slice(0, 4)).toEqual([
    'plain',
    'red     日|',
    expect.stringMatching(/^done-\d+$/),
    expect.stringMatching(/\$$/),
  ])
  expect(lines.slice(4).join('')).toBe('')
  await browser.close()
  await relay.close()
  await sshd.close()
  for (const path of [file, answers]) await rm(path, { force: true })
})
