import { expect, it } from 'vitest'
import { completions, sharedStart, typedPath, wholePath } from '../../../pwa/commands/pathCompletion.ts'

const here = '/srv/www'
const home = '/home/me'

it('knows where a typed path leads', () => {
  expect(wholePath('/etc', here, home)).toBe('/etc')
  expect(wholePath('img', here, home)).toBe('/srv/www/img')
  expect(wholePath('../log', here, home)).toBe('/srv/www/../log')
  expect(wholePath('~', here, home)).toBe('/home/me')
  expect(wholePath('~/x', here, home)).toBe('/home/me/x')
  expect(wholePath('~user', here, home)).toBe('/srv/www/~user')
  // Where the home is not known, a path that does not begin at the root begins there.
  expect(wholePath('~/x', here, undefined)).toBe('x')
  expect(wholePath('~', here, undefined)).toBe('.')
})

it('cuts what is typed into a directory to look into and the beginning of a name', () => {
  expect(typedPath('/etc/ss', here, home)).toEqual({ parent: '/etc/', before: '/etc/', start: 'ss' })
  expect(typedPath('/e', here, home)).toEqual({ parent: '/', before: '/', start: 'e' })
  expect(typedPath('im', here, home)).toEqual({ parent: '/srv/www', before: '', start: 'im' })
  expect(typedPath('~/do', here, home)).toEqual({ parent: '/home/me/', before: '~/', start: 'do' })
  expect(typedPath('~', here, home)).toEqual({ parent: '/home/me/', before: '~/', start: '' })
})

it('offers what goes on: the very case first, hidden ones only when asked for', () => {
  const names = ['.config', 'Documents', 'docs', 'src']
  expect(completions(names, 'do')).toEqual(['docs', 'Documents'])
  expect(completions(names, '')).toEqual(['Documents', 'docs', 'src'])
  expect(completions(names, '.c')).toEqual(['.config'])
})

it('goes on as far as all agree', () => {
  expect(sharedStart(['release-1', 'release-2', 'releases'])).toBe('release')
  expect(sharedStart(['Docs', 'docs-old'])).toBe('Docs')
  expect(sharedStart(['one'])).toBe('one')
  expect(sharedStart([])).toBe('')
})
