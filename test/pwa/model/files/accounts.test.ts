import { expect, test } from 'vitest'
import { nameOfNumber, namesOf, numberOf, withListed } from '../../../../pwa/model/files/accounts.ts'
import type { FileInfo } from '../../../../shared/fileInfo.ts'

const names = namesOf(
  'root:x:0:0:root:/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/bash\nme:x:7:7\n+::::::\nbad:x:-1:0\nodd:x:12x:1\n:x:5:5\n',
)

test('names and numbers are read of the files that hosts have, and what is no line of them is left out', () => {
  expect([...names]).toEqual([
    ['root', 0],
    ['me', 1000],
  ])
  expect(namesOf('\u0000\u0001 no passwd\n'.repeat(50_000)).size).toBe(0)
})

test('a name or a number is meant; what is neither, or means nothing to chown, is not', () => {
  expect(['me', ' 1000 ', '0', 'root', '4294967294'].map((text) => numberOf(text, names))).toEqual([
    1000, 1000, 0, 0, 4294967294,
  ])
  for (const junk of ['', 'nobody', '-1', '1.5', '4294967295', '99999999999', '0x10']) {
    expect(numberOf(junk, names), junk).toBeUndefined()
  }
  expect(nameOfNumber(1000, names)).toBe('me')
  expect(nameOfNumber(42, names)).toBe('42')
})

test('what a list names beside its number is known too, where the files of the host say nothing of it', () => {
  const of = (owner: string, group: string, ids: Partial<FileInfo>): FileInfo => ({
    ...{ name: 'a', path: '/a', size: 0, type: 'file', permissions: '-rw-r--r--', modifiedAt: new Date(0) },
    ...{ owner, group, ...ids },
  })
  const { users, groups } = withListed({ users: names, groups: new Map() }, [
    of('alice@corp', 'domain users', { uid: 70_001, gid: 70_000 }),
    of('me', '', { uid: 5, gid: 6 }),
    of('1234', '1234', { uid: 1234, gid: 1234 }),
    of('unnumbered', 'unnumbered', {}),
  ])
  expect(numberOf('alice@corp', users)).toBe(70_001)
  expect(nameOfNumber(70_000, groups)).toBe('domain users')
  expect(users.get('me')).toBe(1000)
  expect([...users.keys()].sort()).toEqual(['alice@corp', 'me', 'root'])
  expect([...groups.keys()]).toEqual(['domain users'])
})
