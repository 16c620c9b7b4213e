import { expect, test } from 'vitest'
import { copyName, nameProblem, stemOf } from '../../../../pwa/model/files/names.ts'

test('S-NAM-01 a name is one component, and nothing that means a directory on the way', () => {
  for (const junk of ['', '.', '..', '/', 'a/b', '../x', 'a\0b', '\ud800', 'x'.repeat(256), 'é'.repeat(128)]) {
    expect(nameProblem(junk), JSON.stringify(junk)).toMatch(/\.$/)
  }
  for (const name of ['...', '.x', '-rf', 'a\nb', '\udcff', '\u202egpj.exe', 'CON', ' ', 'x'.repeat(255), '🙂']) {
    expect(nameProblem(name), JSON.stringify(name)).toBeUndefined()
  }
})

test('the stem is what is before the extension', () => {
  const stems = {
    'a.txt': 'a',
    'a.b.txt': 'a.b',
    '.bashrc': '.bashrc',
    a: 'a',
    'x.tar.gz': 'x',
    '.tar.gz': '.tar',
    'a.': 'a',
  }
  for (const [name, stem] of Object.entries(stems)) expect(stemOf(name), name).toBe(stem)
})

test('copies are counted before the extension', () => {
  expect([1, 2].map((nth) => copyName('notes.txt', nth))).toEqual(['notes copy.txt', 'notes copy 2.txt'])
  expect(copyName('.bashrc', 1)).toBe('.bashrc copy')
})
