import { execFileSync } from 'node:child_process'
import { chmodSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, describe, expect, test } from 'vitest'
import { FileInfo, fileType, joinPath, parentPath, permissionsText } from '../../shared/fileInfo.ts'

const dir = mkdtempSync(join(tmpdir(), 'fairlead-modes-'))
afterAll(() => rmSync(dir, { recursive: true }))

describe('the text of a mode', () => {
  const file = join(dir, 'file')
  writeFileSync(file, '')

  test.each([0o0, 0o644, 0o755, 0o4755, 0o4644, 0o2755, 0o2644, 0o1777, 0o1776, 0o7777, 0o7000])(
    '%o is as ls prints it',
    (mode) => {
      chmodSync(file, mode)
      const printed = execFileSync('ls', ['-l', file], { encoding: 'utf8' }).slice(0, 10)
      expect(permissionsText(lstatSync(file).mode)).toBe(printed)
    },
  )

  test.each(['/', '/dev/null', '/proc/self/exe'])('%s has the letter of its kind', (path) => {
    const printed = execFileSync('ls', ['-ld', path], { encoding: 'utf8' }).slice(0, 10)
    expect(permissionsText(lstatSync(path).mode)).toBe(printed)
  })
})

test('devices count as files', () => {
  expect(fileType(lstatSync('/dev/null').mode)).toBe('file')
  expect(fileType(lstatSync('/').mode)).toBe('directory')
  expect(fileType(lstatSync('/proc/self/exe').mode)).toBe('symlink')
})

test('a name is put below a directory, and the directory above is found again', () => {
  expect(joinPath('/', 'a')).toBe('/a')
  expect(joinPath('/a', 'b c')).toBe('/a/b c')
  for (const path of ['/a', '/a/', '/', '']) expect(parentPath(path)).toBe('/')
  expect(parentPath('/a/b//')).toBe('/a')
})

test('a time that was sent as text is a Date again, and one that is none is refused', () => {
  const entry = { name: 'a', path: '/a', size: 1, type: 'file', permissions: '-rw-r--r--', owner: 'me', group: 'us' }
  const sent = JSON.parse(JSON.stringify({ ...entry, modifiedAt: new Date(86_400_000) }))
  expect(v.parse(FileInfo, sent).modifiedAt).toEqual(new Date(86_400_000))
  expect(v.safeParse(FileInfo, { ...entry, modifiedAt: 'yesterday' }).success).toBe(false)
})
