import { expect, it } from 'vitest'
import { CurrentDirectory } from '../../../pwa/terminal/currentDirectory.ts'

it('reads the path, percent-decoded', () => {
  const directory = new CurrentDirectory()
  expect(directory.read('file://box/home/me')).toBe('/home/me')
  expect(directory.read('file://BOX/a%20b/%C3%BC')).toBe('/a b/ü')
  expect(directory.read('file://box/x;y?z')).toBe('/x;y?z')
})

it('knows a further host by its name, and this one when it comes back', () => {
  const directory = new CurrentDirectory()
  expect(directory.read('file://box/home')).toBe('/home')
  expect(directory.read('file://elsewhere/home')).toBeUndefined()
  expect(directory.read('file://box/srv')).toBe('/srv')
})

it.each([
  '',
  'nothing',
  'http://box/x',
  'file://box',
  'file://box/%00',
  'file://box/%1b[31m',
  'file://box/%ff',
  'file://box/a%',
])('%j is no directory', (report) => {
  expect(new CurrentDirectory().read(report)).toBeUndefined()
})
