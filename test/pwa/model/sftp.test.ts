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
  })
})
