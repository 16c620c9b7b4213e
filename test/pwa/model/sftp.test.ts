import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, openBrowser, until } from '../../harness/browser.ts'
import { startTestRelay, type TestRelay } from '../../harness/relay.ts'
import { type Sshd, startSshd } from '../../harness/sshd.ts'

let relay: TestRelay
let sshd: Sshd
let folder: string
let browser: Browser

beforeAll(async () => {
  sshd = await startSshd()
  relay = await startTestRelay()
  folder = mkdtempSync(join(tmpdir(), 'fairlead-files-'))
  execFileSync('chmod', ['755', folder])
  for (let at = 0; at < 2500; at++) writeFileSync(join(folder, `file ${at}`), 'x')
})

afterEach(() => browser.close())

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await relay.close()
  await sshd.close()
})

async function open(scheme: 'ssh' | 'sftp') {
  browser = await openBrowser(randomUUID(), { relay: relay.url })
  await browser.online()
  return browser.open({ scheme, host: sshd.host, port: sshd.port, username: sshd.username })
}

async function logIn() {
  await browser.prompt('host-key')
  await browser.answer({ kind: 'host-key', accept: true })
  await browser.prompt('login')
  await browser.answer({ kind: 'login', password: sshd.password })
}

describe('the files of a host', () => {
  it('are listed in pages on the connection of the shell, without a second login', async () => {
    const { tab } = await open('ssh')
    const shell = until(() => tab.session.state.value === 'open')
    await logIn()
    await shell
    const pages = []
    for await (const page of tab.sftp.list(folder)) pages.push(page)
    expect(pages.map(({ files }) => files.length)).toEqual([1000, 1000, 500])
    expect(pages.every(({ path }) => path === folder)).toBe(true)
    expect(new Set(pages.flatMap(({ files }) => files.map(({ name }) => name))).size).toBe(2500)
    expect(browser.app.prompts.open.value).toEqual([])
  })

  it('are had without a shell, from the home directory on', async () => {
    const { tab } = await open('sftp')
    expect(tab.record.value.view).toMatchObject({ files: true, terminal: false })
    const first = tab.sftp.list('.').next()
    await logIn()
    expect((await first).value?.path).toBe(sshd.home)
    expect(tab.session.state.value).toBe('closed')
    expect(browser.app.knownHosts.list.value).toHaveLength(1)
  })

  it('are held ready for the browser itself while they are open, by relays that can', async () => {
    const { tab } = await open('sftp')
    const path = join(folder, 'file 1')
    expect(tab.sftp.offer(path, 'name')).toBeUndefined()
    const first = tab.sftp.list('.').next()
    await logIn()
    await first
    const url = tab.sftp.offer(path, 'name') ?? ''
    expect(url).toMatch(new RegExp(`^${relay.url}offer/[0-9a-f]{32}$`))
    expect(await (await fetch(url)).text()).toBe('x')
    // An older relay says nothing of it.
    const hello = browser.app.endpoints.list.value[0]?.link.hello.value
    hello?.features.splice(hello.features.indexOf('offers'), 1)
    expect(tab.sftp.offer(path, 'name')).toBeUndefined()
  })

  it('say what is wrong, and come back after the socket was lost', async () => {
    const { tab } = await open('ssh')
    const shell = until(() => tab.session.state.value === 'open')
    await logIn()
    await shell
    await expect(tab.sftp.list('/nowhere').next()).rejects.toMatchObject({ failure: { code: 'no-such-file' } })
    tab.session.link?.cut()
    await until(() => tab.session.state.value === 'detached')
    expect(tab.sftp.state.value).toBe('closed')
    expect((await tab.sftp.list(folder).next()).value?.files).toHaveLength(1000)
  })

  it('stop when nobody wants them any more', async () => {
    const { tab } = await open('ssh')
    const shell = until(() => tab.session.state.value === 'open')
    await logIn()
    await shell
    const stop = new AbortController()
    const pages = []
    for await (const page of tab.sftp.list(folder, stop.signal)) {
      pages.push(page)
      stop.abort()
    }
    expect(pages).toHaveLength(1)
    // The relay has given up those that nobody read to their end: it keeps 8.
    for (let turn = 0; turn < 10; turn++) for await (const _ of tab.sftp.list(folder)) break
  })

  it('are asked for by any request, on a conversation that opens by itself and says what it found', async () => {
    const { tab } = await open('sftp')
    const { sftp } = tab
    const path = join(folder, 'file 7')
    const found = sftp.ask('sftp-stat', { path })
    await logIn()
    expect((await found).attributes).toMatchObject({ size: 1, mode: 0o100644 })
    expect(sftp.info.value).toMatchObject({ home: sshd.home, by: 'subsystem', limits: { read: 261_120 } })
    expect(sftp.generation.value).toBe(1)
    const { handle } = await sftp.ask('sftp-open', { path, read: true })
    expect(new Uint8Array((await sftp.ask('sftp-read', { handle, offset: 0, length: 9 })).data)).toEqual(
      Uint8Array.of(0x78),
    )
    await expect(sftp.ask('sftp-stat', { path: join(folder, 'caf\udce9') })).rejects.toMatchObject({
      failure: { code: 'no-such-file' },
    })
    // More than the relay takes at once wait for their turn.
    const many = Array.from({ length: 200 }, () => sftp.ask('sftp-read', { handle, offset: 0, length: 261_120 }))
    expect((await Promise.all(many)).every(({ data }) => data.byteLength === 1)).toBe(true)
    await sftp.close()
    expect(sftp.info.value).toBeUndefined()
    const stale = { handle, offset: 0, length: 1 }
    await expect(sftp.ask('sftp-read', stale)).rejects.toMatchObject({ failure: { code: 'no-handle', retry: true } })
    const again = sftp.ask('sftp-stat', { path })
    await browser.prompt('login')
    await browser.answer({ kind: 'login', password: sshd.password })
    await again
    expect(sftp.generation.value).toBe(2)
    await expect(sftp.ask('sftp-read', stale)).rejects.toMatchObject({ failure: { code: 'no-handle' } })
  })
})
