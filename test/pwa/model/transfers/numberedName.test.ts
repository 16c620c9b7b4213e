import { expect, it } from 'vitest'
import { numberedName } from '../../../../pwa/model/transfers/numberedName.ts'

it.each([
  ['notes.txt', 'notes (2).txt'],
  ['archive.tar.gz', 'archive (2).tar.gz'],
  ['.profile', '.profile (2)'],
  ['Makefile', 'Makefile (2)'],
])('%s is kept beside as %s', (name, beside) => {
  expect(numberedName(name, 2)).toBe(beside)
})
