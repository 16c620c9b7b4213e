import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { type Firefox, keys, startFirefox } from '../harness/firefox.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))
const name = 'Größe 日本.bin'

let relay: TestRelay
let sshd: Sshd
let firefox: Firefox
let remote: string
const content = randomBytes(8 * 1024 * 1024)

beforeAll(async () => {
  ;[relay, sshd, firefox] = await Promise.all([startTestRelay({ app: dist }), startSshd(), startFirefox()])
  remote = join(sshd.home, `firefox-${process.pid}`)
  await mkdir(remote, { recursive: true })
  await writeFile(join(remote, name), content)
})

afterAll(async () => {
  await Promise.all([firefox?.close(), relay?.close(), sshd?.close()])
  if (remote) await rm(remote, { recursive: true, force: true })
})

const home = 'input[aria-label="Host, ssh command or link"]'
const button = `return [...document.querySelectorAll('button')].findLast((one) => !one.disabled && one.checkVisibility() && one.textContent.trim().startsWith(arguments[0]))`
const row = `return [...document.querySelectorAll('.files-pane [role=row]')].find((one) => one.textContent.includes(arguments[0]))`

test('S-NAM-02 a file is an ordinary download of Firefox too, through the service worker', async () => {
  onTestFailed(async () => {
    await mkdir('test/output', { recursive: true })
    await writeFile('test/output/download.firefox.png', await firefox.screenshot())
  })
  await firefox.goto(relay.url)
  await firefox.until(
    `navigator.serviceWorker.ready.then(() => { document.body.dataset.worker = 'runs' }); return document.body.dataset.worker`,
  )
  await firefox.type(home, `sftp://${sshd.username}@127.0.0.1:${sshd.port}`)
  await firefox.until(`return !document.querySelector('.home-go').disabled`)
  await firefox.type(home, keys.enter)
  await firefox.clickFound(button, 'Trust and connect')
  await firefox.type('dialog[open] input[type=password]', sshd.password)
  await firefox.clickFound(button, 'Log in')
  await firefox.clickFound(row, `firefox-${process.pid}`)
  await firefox.type('.file-grid', keys.enter)
  await firefox.clickFound(row, name)
  await firefox.type('.file-grid', `${keys.control}s`)
  await expect
    .poll(async () => (await readdir(firefox.downloads).catch(() => [])).sort(), { timeout: 30_000 })
    .toEqual([name])
  expect((await readFile(join(firefox.downloads, name))).equals(content)).toBe(true)
})
