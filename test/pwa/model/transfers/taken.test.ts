import { describe, expect, it } from 'vitest'
import { sourceOf, takeFiles, takeHandles } from '../../../../pwa/model/transfers/taken.ts'
import { fakeDirectory, fakeFile, pathsOf } from './fakeFiles.ts'

/** A file as a picker of folders gives it. */
function inFolder(relative: string): File {
  const file = new File(['x'], relative.split('/').at(-1) ?? '')
  return Object.defineProperty(file, 'webkitRelativePath', { value: relative })
}

describe('what a person gives', () => {
  it('keeps the folders of a picker of folders, and names what was chosen', async () => {
    const taken = takeFiles([inFolder('site/index.html'), inFolder('site/img/a b.png')])
    expect(taken?.names).toEqual(['site'])
    expect(await pathsOf(taken)).toEqual(['site/index.html', 'site/img/a b.png'])
  })

  it('S-NAM-01 leads out of the target directory by no name', () => {
    const names = ['../../.bashrc', '/etc/passwd', '..', '.', '', 'a\0b', 'a/../..']
    const paths = names.map((name) => sourceOf(new File([], name)).path)
    expect(paths).toEqual([['.bashrc'], ['passwd'], ['unnamed'], ['unnamed'], ['unnamed'], ['a_b'], ['a']])
    expect(sourceOf(inFolder('a/../../b/./c')).path).toEqual(['a', 'b', 'c'])
  })

  it('says size and time of a file', () => {
    const file = new File(['four'], 'f', { lastModified: 1_700_000_000_000 })
    expect(sourceOf(file)).toMatchObject({ kind: 'file', size: 4, modifiedAt: 1_700_000_000_000 })
  })

  it('is nothing where nothing was chosen', () => {
    expect(takeFiles([])).toBeUndefined()
    expect(takeHandles([])).toBeUndefined()
  })

  it('keeps handles of few files, and of a folder the one of the folder', async () => {
    const folder = fakeDirectory('two', [fakeFile('three')])
    const few = [fakeFile('one'), folder]
    const many = Array.from({ length: 33 }, (_, number) => fakeFile(`f${number}`))
    const kept = async (taken: ReturnType<typeof takeHandles>) => {
      const found = []
      if (taken) for await (const { handle, root } of taken.sources) found.push(handle ?? root)
      return found
    }
    expect(await kept(takeHandles(few))).toEqual([few[0], undefined, folder])
    expect(await kept(takeHandles(many))).toEqual(many.map(() => undefined))
  })

  it('walks the folders of handles as they are asked for', async () => {
    const taken = takeHandles([fakeFile('one'), fakeDirectory('two', [fakeFile('three')])])
    expect(taken?.names).toEqual(['one', 'two'])
    expect(await pathsOf(taken)).toEqual(['one', 'two/', 'two/three'])
  })
})
