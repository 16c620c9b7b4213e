import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { Directory, sorted } from '../../../pwa/commands/directory.ts'
import { Failed } from '../../../pwa/model/failure.ts'
import type { FileInfo } from '../../../shared/fileInfo.ts'

const file = (name: string, of: Partial<FileInfo> = {}): FileInfo => ({
  name,
  path: `/srv/${name}`,
  size: 1,
  type: 'file',
  permissions: '-rw-r--r--',
  owner: 'me',
  group: 'me',
  modifiedAt: new Date(0),
  ...of,
})
const names = (files: readonly FileInfo[]) => files.map((one) => one.name)

/** Pages that a test hands out one at a time. */
function pages() {
  const waiting: { resolve(page: readonly FileInfo[] | undefined): void; reject(error: unknown): void }[] = []
  const asked: string[] = []
  return {
    asked,
    async *list(path: string) {
      asked.push(path)
      for (;;) {
        const files = await new Promise<readonly FileInfo[] | undefined>((resolve, reject) =>
          waiting.push({ resolve, reject }),
        )
        if (!files) return
        yield { path: path === '.' ? '/home/me' : path, files }
      }
    },
    async next(which = 0): Promise<(typeof waiting)[number]> {
      while (waiting.length <= which) await Promise.resolve()
      const [one] = waiting.splice(which, 1)
      if (!one) throw new Error('nobody asks')
      return one
    },
  }
}

describe('sortFiles', () => {
  it('puts directories first and numbers in their order', () => {
    const files = [file('b10'), file('b9'), file('Alpha'), file('z', { type: 'directory' })]
    expect(names(sorted(files, { by: 'name', descending: false }))).toEqual(['z', 'Alpha', 'b9', 'b10'])
    expect(names(sorted(files, { by: 'name', descending: true }))).toEqual(['z', 'b10', 'b9', 'Alpha'])
  })

  it('falls back to the name among equals', () => {
    const files = [file('b', { size: 2 }), file('c', { size: 1 }), file('a', { size: 1 })]
    expect(names(sorted(files, { by: 'size', descending: false }))).toEqual(['a', 'c', 'b'])
    expect(names(sorted(files, { by: 'size', descending: true }))).toEqual(['b', 'a', 'c'])
  })
})

describe('Directory', () => {
  it('keeps what it shows until the first page of the next directory has come', async () => {
    const server = pages()
    const directory = new Directory((path) => server.list(path), signal(false))
    const first = directory.open('.')
    ;(await server.next()).resolve([file('one')])
    ;(await server.next()).resolve(undefined)
    await first
    expect(directory.path.value).toBe('/home/me')
    expect(directory.state.value).toBe('ready')

    const second = directory.open('/srv')
    const page = await server.next()
    expect([directory.path.value, directory.state.value, names(directory.shown.value)]).toEqual([
      '/home/me',
      'loading',
      ['one'],
    ])
    page.resolve([file('two')])
    ;(await server.next()).resolve(undefined)
    await second
    expect([directory.path.value, names(directory.shown.value)]).toEqual(['/srv', ['two']])
  })

  it('lets a later call overtake an earlier one', async () => {
    const server = pages()
    const directory = new Directory((path) => server.list(path), signal(false))
    const slow = directory.open('/slow')
    const quick = directory.open('/quick')
    ;(await server.next(1)).resolve([file('quick')])
    ;(await server.next(1)).resolve(undefined)
    await quick
    ;(await server.next(0)).resolve([file('slow')])
    await slow
    expect([directory.path.value, names(directory.shown.value)]).toEqual(['/quick', ['quick']])
  })

  it('shows where and why it failed, and reads the same path again', async () => {
    const server = pages()
    const directory = new Directory((path) => server.list(path), signal(false))
    const opened = directory.open('/root')
    ;(await server.next()).reject(new Failed('relay-lost'))
    await opened
    expect(directory.state.value).toBe('failed')
    expect(directory.failure.value?.code).toBe('relay-lost')
    const again = directory.refresh()
    ;(await server.next()).resolve(undefined)
    await again
    expect(server.asked).toEqual(['/root', '/root'])
    expect(directory.state.value).toBe('ready')
  })

  it('says where a link does not lead to a directory, and shows again what it showed', async () => {
    const server = pages()
    const directory = new Directory((path) => server.list(path), signal(false))
    directory.path.value = '/srv'
    const followed = directory.follow('/srv/link')
    ;(await server.next()).reject(new Failed('relay-lost'))
    ;(await server.next()).resolve([file('link', { type: 'symlink' })])
    ;(await server.next()).resolve(undefined)
    await expect(followed).rejects.toThrow('The relay was lost')
    expect([directory.path.value, directory.state.value, names(directory.shown.value)]).toEqual([
      '/srv',
      'ready',
      ['link'],
    ])
  })

  it('leaves out hidden files and counts them', async () => {
    const server = pages()
    const hidden = signal(false)
    const directory = new Directory((path) => server.list(path), hidden)
    const opened = directory.open('/srv')
    ;(await server.next()).resolve([file('.'), file('..'), file('.env'), file('a')])
    ;(await server.next()).resolve(undefined)
    await opened
    expect([names(directory.shown.value), directory.hidden.value]).toEqual([['a'], 1])
    hidden.value = true
    expect([names(directory.shown.value), directory.hidden.value]).toEqual([['.env', 'a'], 0])
  })

  it('goes up with the directory that it leaves as the current entry', async () => {
    const server = pages()
    const directory = new Directory((path) => server.list(path), signal(false))
    directory.path.value = '/srv/www'
    const up = directory.up()
    ;(await server.next()).resolve([file('www', { type: 'directory' })])
    ;(await server.next()).resolve(undefined)
    await up
    expect([directory.path.value, directory.current.value]).toEqual(['/srv', 'www'])
  })

  it('turns the order when the same column is chosen again; sizes and dates begin with the largest', () => {
    const directory = new Directory(() => pages().list('.'), signal(false))
    directory.sortBy('name')
    expect(directory.sort.value).toEqual({ by: 'name', descending: true })
    directory.sortBy('size')
    expect(directory.sort.value).toEqual({ by: 'size', descending: true })
    directory.sortBy('size')
    expect(directory.sort.value).toEqual({ by: 'size', descending: false })
  })
})
