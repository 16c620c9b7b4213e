import { expect, test } from 'vitest'
import { tabTitle } from '../../../pwa/model/tabTitle.ts'

const tab = { label: 'web1', target: { scheme: 'ssh' as const, host: 'web1', username: 'me', jump: [] } }

test('T-ESC-02 a tab is called by its host first, whatever the program says', () => {
  expect(tabTitle(tab, undefined, undefined)).toBe('web1')
  expect(tabTitle(tab, undefined, '/home/me/site')).toBe('web1: ~/site')
  expect(tabTitle(tab, 'README.md - VIM', '/home/me/site')).toBe('web1: README.md - VIM')
  expect(tabTitle(tab, 'bank', undefined)).toBe('web1: bank')
  expect(tabTitle(tab, '<b>javascript:alert(1)</b>', undefined)).toBe('web1: <b>javascript:alert(1)</b>')
})

test('what a shell says in its title of where it is, is said once', () => {
  expect(tabTitle(tab, 'me@web1: ~/site', '/home/me/site')).toBe('web1: ~/site')
  expect(tabTitle(tab, 'me@web1:', '/home/me')).toBe('web1: ~')
  expect(tabTitle(tab, 'web1', undefined)).toBe('web1')
  expect(tabTitle(tab, '   ', undefined)).toBe('web1')
})
