import { rm, writeFile } from 'node:fs/promises'
import { account } from './sshd.ts'

/** A rule of sudoers(5) for the account of the tests, while it is there. */
export interface Sudoers {
  /** Puts other lines in its place; `%u` in them is the account. */
  set(...lines: string[]): Promise<void>
  remove(): Promise<void>
}

/** Puts these lines into the account's file in sudoers.d, whatever a run that broke off has left there. */
export async function sudoers(...lines: string[]): Promise<Sudoers> {
  const file = `/etc/sudoers.d/${account.username}`
  const set = (...rules: string[]) =>
    writeFile(file, `${rules.map((rule) => rule.replaceAll('%u', account.username)).join('\n')}\n`, { mode: 0o440 })
  await set(...lines)
  return { set, remove: () => rm(file, { force: true }) }
}
