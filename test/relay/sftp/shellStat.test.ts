import { expect, test } from 'vitest'
import { readEach, readList, readStat, readStats } from '../../../relay/sftp/shellStat.ts'

const now = Date.UTC(2026, 10, 21, 12, 0)
const seconds = (year: number, month: number, day: number, hour = 0, minute = 0) =>
  Date.UTC(year, month - 1, day, hour, minute) / 1000

test('what ls says is read with its type, modes and time, whoever made it', () => {
  const mtime = (line: string) => readList(line, now)?.attributes.mtime
  expect(readList('-rwsr-x--T    1 1001     100            4 Nov 21 10:58 a name\n', now)).toEqual({
    attributes: { size: 4, mode: 0o105750, uid: 1001, gid: 100, ...times(seconds(2026, 11, 21, 10, 58)) },
    links: 1,
    owner: '1001',
    group: '100',
  })
  // Within the last half year there is no year: December was in the one before.
  expect(mtime('drwxr-xr-x 2 0 0 4096 Dec  3 08:00 d\n')).toBe(seconds(2025, 12, 3, 8))
  expect(mtime('drwxr-xr-x. 2 0 0 4096 Sep  9  2001 d\n')).toBe(seconds(2001, 9, 9))
  expect(readList('crw-rw-rw- 1 0 0 1, 3 Jan  1 00:00 null\n', now)?.attributes.mode).toBe(0o020666)
  expect(readList('lrwxrwxrwx 1 0 0 3 Jan  1 00:00 to -> dir\n', now)?.attributes.mode).toBe(0o120777)
  for (const junk of ['', 'total 8', 'ls: x: No such file', 'drwxr-xr-x 2 root root 4096 Jan 1 00:00 d'])
    expect(readList(junk, now)).toBeUndefined()
})

function times(at: number) {
  return { atime: at, mtime: at }
}

test('what stat says beyond what a number holds is cut to it', () => {
  const read = readStat('81a4 1 99999999999999999 4294967296 0 -5 99999999999 some one:a group')
  expect(read?.entry).toEqual({
    attributes: {
      size: Number.MAX_SAFE_INTEGER,
      mode: 0o100644,
      uid: 0xffffffff,
      gid: 0,
      atime: 0,
      mtime: 0xffffffff,
    },
    links: 1,
    owner: 'some one',
    group: 'a group',
  })
  expect(readStat('stat: x: No such file')).toBeUndefined()
})

const list = (...names: string[]) => Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1')
const said = (...names: string[]) =>
  Buffer.from(names.map((name) => `81a4 1 7 0 0 1 2 a:b/${name}\n`).join(''), 'latin1')
const found = (entries: ReturnType<typeof readStats>) => entries?.map(({ name }) => name.toString('latin1'))

test('names and what is said of them are put together by whole names, and what has gone is left out', () => {
  const evil = './x\n81a4 1 9999 0 0 1 2 root:root/./y'
  expect(found(readStats(list('./.', './..', './a', evil, './z'), said('./.', './..', './a', evil, './z')))).toEqual([
    'a',
    evil.slice(2),
    'z',
  ])
  expect(readStats(list(evil), said(evil))?.[0]?.attributes.size).toBe(7)
  expect(found(readStats(list('./a', './gone', './z'), said('./a', './z')))).toEqual(['a', 'z'])
  expect(found(readStats(list('./*', './.*'), said()))).toEqual([])
  // What does not go together is no listing.
  expect(readStats(list('./a'), said('./b'))).toBeUndefined()
  expect(readStats(list('./a'), Buffer.from('junk'))).toBeUndefined()
})

test('where each is asked for alone, an empty answer is a file that has gone', () => {
  const each = Buffer.from('81a4 1 7 0 0 1 2 a:b\n\0\0' + '81a4 1 8 0 0 1 2 a:b\n\0')
  const entries = readEach(list('./a', './gone', './z'), each, (text) => readStat(text)?.entry)
  expect(entries.map(({ name, attributes }) => [name.toString(), attributes.size])).toEqual([
    ['a', 7],
    ['z', 8],
  ])
})
