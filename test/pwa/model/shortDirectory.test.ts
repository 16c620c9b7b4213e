import { expect, it } from 'vitest'
import { shortDirectory } from '../../../pwa/model/shortDirectory.ts'

it('the home of the user is ~, where homes usually are', () => {
  expect(shortDirectory('/home/me/src', 'me')).toBe('~/src')
  expect(shortDirectory('/Users/me', 'me')).toBe('~')
  expect(shortDirectory('/root/x', 'root')).toBe('~/x')
  expect(shortDirectory('/home/melt', 'me')).toBe('/home/melt')
  expect(shortDirectory('/home/me', undefined)).toBe('/home/me')
})

it('T-ESC-01 what a host reports as its directory is shown as one short line that reads as it is written', () => {
  expect(shortDirectory('/srv/\u202egpj.exe\u2066', 'me')).toBe('/srv/gpj.exe')
  expect(shortDirectory(`/${'deep/'.repeat(800)}`, 'me')).toHaveLength(128)
})
