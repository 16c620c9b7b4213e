import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chownSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { TabView } from '../../pwa/model/tabs.ts'
import { type Browser, openBrowser } from './browser.ts'
import { startTestRelay } from './relay.ts'
import { type Sshd, startSshd } from './sshd.ts'

/** The files of an sshd, as the app has them: through a relay, logged in. */
export interface OpenFiles {
  browser: Browser
  tab: TabView
  sshd: Sshd
  /** A fresh directory of the account, absolute. */
  folder: string
  /** Runs a line of sh in the folder, as the account; gives what it prints. */
  sh(line: string): string
  close(): Promise<void>
}

/** @param lines of sshd_config */
export async function openFiles(lines: string[] = []): Promise<OpenFiles> {
  const sshd = await startSshd(lines)
  const relay = await startTestRelay()
  const browser = await openBrowser(randomUUID(), { relay: relay.url })
  await browser.online()
  const folder = mkdtempSync(join(sshd.home, 'files-'))
  const { uid, gid } = statSync(sshd.home)
  chownSync(folder, uid, gid)
  const tab = browser.open({ scheme: 'sftp', host: sshd.host, port: sshd.port, username: sshd.username }).tab
  const first = tab.sftp.list('.').next()
  await browser.prompt('host-key')
  await browser.answer({ kind: 'host-key', accept: true })
  await browser.prompt('login')
  await browser.answer({ kind: 'login', password: sshd.password })
  await first
  return {
    browser,
    tab,
    sshd,
    folder,
    sh: (line) => execFileSync('sh', ['-c', line], { cwd: folder, uid, gid, encoding: 'latin1' }),
    async close() {
      rmSync(folder, { recursive: true, force: true })
      await browser.close()
      await relay.close()
      await sshd.close()
    },
  }
}
