import { describe, expect, it } from 'vitest'
import { Failed } from '../../../../pwa/model/failure.ts'
import type { UploadSource } from '../../../../pwa/model/transfers/uploadSource.ts'
import { fileIn, walkEntry, walkHandle } from '../../../../pwa/model/transfers/walked.ts'
import { fakeDirectory, fakeDirectoryEntry, fakeFile, fakeFileEntry, pathsOf } from './fakeFiles.ts'

const paths = (sources: AsyncIterable<UploadSource>) => pathsOf({ names: ['x'], sources })

async function failureOf(source: UploadSource | undefined): Promise<string> {
  const failed = await source?.file?.().catch((error: unknown) => error)
  return failed instanceof Failed ? failed.failure.code : 'none'
}

async function all(sources: AsyncIterable<UploadSource>): Promise<UploadSource[]> {
  const found: UploadSource[] = []
  for await (const source of sources) found.push(source)
  return found
}

describe('the walk through what was dropped', () => {
  it('gives every directory, an empty one too, before what is in it', async () => {
    const tree = fakeDirectory('top', [
      fakeDirectory('empty', []),
      fakeDirectory('sub', [fakeFile('f')]),
      fakeFile('g'),
    ])
    expect(await paths(walkHandle(tree))).toEqual(['top/', 'top/empty/', 'top/sub/', 'top/sub/f', 'top/g'])
  })

  it('reads entries to their last round', async () => {
    const names = Array.from({ length: 10_250 }, (_, number) => `f${number}`)
    const tree = fakeDirectoryEntry('many', [...names.map(fakeFileEntry), fakeDirectoryEntry('empty', [])])
    expect(await paths(walkEntry(tree))).toEqual(['many/', ...names.map((name) => `many/${name}`), 'many/empty/'])
  })

  it('is lazy: nothing is read before it is asked for', async () => {
    let reads = 0
    const counted = (name: string) =>
      fakeFile(name, async () => {
        reads++
        return new File([], name)
      })
    const walk = walkHandle(fakeDirectory('top', [counted('a'), counted('b')]))
    await walk.next()
    expect(reads).toBe(0)
    await walk.next()
    expect(reads).toBe(1)
  })

  it('gives a file anew each time, with its handle, size and time', async () => {
    let content = 'old'
    const handle = fakeFile('f', async () => new File([content], 'f', { lastModified: 5 }))
    const [source] = await all(walkHandle(handle))
    expect(source).toMatchObject({ path: ['f'], size: 3, modifiedAt: 5, handle })
    content = 'newer'
    expect(await (await source?.file?.())?.text()).toBe('newer')
  })

  it('goes on where a file or a directory cannot be read, and says so of that one', async () => {
    const locked = fakeFile('locked', async () => {
      throw new DOMException('no', 'NotReadableError')
    })
    const broken = fakeDirectory('broken', [fakeFile('first'), new Error('gone')])
    const found = await all(walkHandle(fakeDirectory('top', [locked, broken, fakeFile('last')])))
    expect(found.map(({ path }) => path.join('/'))).toEqual([
      'top',
      'top/locked',
      'top/broken',
      'top/broken/first',
      'top/broken',
      'top/last',
    ])
    expect(await failureOf(found[1])).toBe('source-unreadable')
    expect(await failureOf(found[4])).toBe('source-unreadable')
    expect(await failureOf(found[5])).toBe('none')
  })

  it('finds a file of a directory again by its path', async () => {
    const tree = fakeDirectory('top', [fakeDirectory('sub', [fakeFile('f')]), fakeFile('g')])
    expect((await fileIn(tree, ['top', 'sub', 'f'])).name).toBe('f')
    expect((await fileIn(tree, ['top', 'g'])).name).toBe('g')
    for (const path of [['top', 'sub', 'gone'], ['top', 'gone', 'f'], ['top', 'sub'], ['top']]) {
      const failed = await fileIn(tree, path).catch((error: unknown) => error)
      expect(failed instanceof Failed && failed.failure.code).toBe('source-unreadable')
    }
  })

  it('ends at 256 directories in one another', async () => {
    let tree = fakeDirectory('d', [fakeFile('deep')])
    for (let depth = 0; depth < 300; depth++) tree = fakeDirectory('d', [tree])
    const found = await all(walkHandle(tree))
    expect(Math.max(...found.map(({ path }) => path.length))).toBe(256)
    expect(await failureOf(found.at(-1))).toBe('source-unreadable')
  })
})
