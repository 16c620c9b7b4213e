import { signal } from '@preact/signals'
import { expect, it } from 'vitest'
import { absolutePath } from '../../../pwa/model/absolutePath.ts'
import type { Sftp } from '../../../pwa/model/sftp.ts'

/** The files of a host, of which only the home directory is asked. @param known whether it is known without asking */
function files(home: string, known = true): { sftp: Sftp; asked: () => number } {
  let asked = 0
  const ask = async () => {
    asked++
    return { path: home }
  }
  const sftp = { info: signal(known ? { home } : undefined), ask } as unknown as Sftp
  return { sftp, asked: () => asked }
}

it.each([
  ['/srv/www', '/srv/www'],
  ['~', '/home/me'],
  ['~/', '/home/me'],
  ['~/site', '/home/me/site'],
  ['.', '/home/me'],
  ['./site', '/home/me/site'],
  ['site/a b', '/home/me/site/a b'],
  ['~other', '/home/me/~other'],
  ['.config', '/home/me/.config'],
  ['', '/home/me'],
])('takes %j for %s', async (path, whole) => {
  expect(await absolutePath(files('/home/me').sftp, path)).toBe(whole)
})

it('asks for the home directory only where it is needed and not known', async () => {
  const unknown = files('/root', false)
  expect(await absolutePath(unknown.sftp, '/etc')).toBe('/etc')
  expect(unknown.asked()).toBe(0)
  expect(await absolutePath(unknown.sftp, '~/x')).toBe('/root/x')
  expect(unknown.asked()).toBe(1)
  const known = files('/')
  expect(await absolutePath(known.sftp, '~/x')).toBe('/x')
  expect(known.asked()).toBe(0)
})
