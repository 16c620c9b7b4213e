import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { Directory } from '../../../pwa/commands/directory.ts'
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

  it('goes back and forward, with the entry that was current there', async () => {
    const directory = new Directory(async function* (path) {
      yield { path, files: [file('a'), file('b')] }
    }, signal(false))
    await directory.open('/one')
    directory.stand('b')
    await directory.open('/two')
    await directory.open('/three')
    expect([directory.canBack, directory.canForward]).toEqual([true, false])
    await directory.back()
    await directory.back()
    expect([directory.path.value, directory.current.value, directory.canBack]).toEqual(['/one', 'b', false])
    await directory.forward()
    expect([directory.path.value, directory.canForward]).toEqual(['/two', true])
    await directory.open('/four')
    expect(directory.canForward).toBe(false)
    await directory.back()
    expect(directory.path.value).toBe('/two')
    await directory.refresh()
    await directory.back()
    expect(directory.path.value).toBe('/one')
  })

  it('can be gone back from where it failed', async () => {
    const directory = new Directory(async function* (path) {
      if (path === '/root') throw new Failed('relay-lost')
      yield { path, files: [file('a')] }
    }, signal(false))
    await directory.open('/srv')
    await directory.open('/root')
    expect([directory.path.value, directory.state.value]).toEqual(['/root', 'failed'])
    await directory.back()
    expect([directory.path.value, directory.state.value, names(directory.shown.value)]).toEqual([
      '/srv',
      'ready',
      ['a'],
    ])
  })

  it('keeps list, filter and selection while the same directory is read again, and then what is still there', async () => {
    const server = pages()
    const directory = new Directory((path) => server.list(path), signal(false))
    const opened = directory.open('/srv')
    ;(await server.next()).resolve([file('a'), file('b'), file('c')])
    ;(await server.next()).resolve(undefined)
    await opened
    directory.select(['a', 'b'])
    directory.filter.value = 'b'
    const again = directory.refresh()
    ;(await server.next()).resolve([file('b')])
    const rest = await server.next()
    expect([names(directory.visible.value), directory.filter.value]).toEqual([['a', 'b', 'c'], 'b'])
    rest.resolve([file('d')])
    ;(await server.next()).resolve(undefined)
    await again
    expect([names(directory.visible.value), [...directory.selected.value]]).toEqual([['b', 'd'], ['b']])
    const other = directory.open('/etc')
    ;(await server.next()).resolve([file('b')])
    ;(await server.next()).resolve(undefined)
    await other
    expect([directory.filter.value, directory.selected.value.size]).toEqual(['', 0])
  })

  it('says how many have come, can be stopped, and tells that there is more', async () => {
    const server = pages()
    const directory = new Directory((path) => server.list(path), signal(false))
    void directory.open('/big')
    ;(await server.next()).resolve([file('a'), file('b')])
    ;(await server.next()).resolve([file('c')])
    await server.next()
    expect([directory.state.value, directory.count.value, names(directory.shown.value)]).toEqual([
      'loading',
      3,
      ['a', 'b'],
    ])
    directory.stop()
    expect([directory.state.value, directory.more.value, names(directory.shown.value)]).toEqual([
      'ready',
      'stopped',
      ['a', 'b', 'c'],
    ])
  })

  it('S-LST-01 tells of what lies beyond the bound, and shows a name that comes twice once', async () => {
    const directory = new Directory(async function* (path) {
      yield { path, files: [file('a'), file('a'), file('b')] }
      yield { path, files: [file('b'), file('c')], more: true }
    }, signal(false))
    await directory.open('/big')
    expect([directory.more.value, names(directory.shown.value)]).toEqual(['bound', ['a', 'b', 'c']])
  })

  it('keeps what has come when the reading fails in the middle, and says so', async () => {
    const server = pages()
    const directory = new Directory((path) => server.list(path), signal(false))
    const opened = directory.open('/big')
    ;(await server.next()).resolve([file('a')])
    ;(await server.next()).reject(new Failed('relay-lost'))
    await opened
    expect([directory.state.value, directory.failure.value?.code, names(directory.shown.value)]).toEqual([
      'failed',
      'relay-lost',
      ['a'],
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
