import { describe, expect, it } from 'vitest'
import { takeDropped } from '../../../../pwa/model/transfers/dropped.ts'
import { fakeDirectory, fakeDirectoryEntry, fakeFile, fakeFileEntry, pathsOf } from './fakeFiles.ts'

interface Fake {
  handle?: Promise<FileSystemFileHandle | FileSystemDirectoryHandle | null>
  entry?: FileSystemEntry
  file?: File
}

/** What a drop carries; after its event it gives nothing more, as in a browser. */
function drop(...items: Fake[]): { data: DataTransfer; over(): void } {
  let live = true
  const made = items.map(({ handle, entry, file }) => ({
    kind: 'file',
    ...(handle && { getAsFileSystemHandle: () => handle }),
    webkitGetAsEntry: () => (live ? (entry ?? null) : null),
    getAsFile: () => (live ? (file ?? null) : null),
  }))
  const text = { kind: 'string', webkitGetAsEntry: () => null, getAsFile: () => null }
  return {
    // Of a DataTransfer only its items are read.
    data: { items: [text, ...made] } as unknown as DataTransfer,
    over() {
      live = false
    },
  }
}

describe('a drop', () => {
  it('takes handles where there are, entries where not, and bare files at last', async () => {
    const { data, over } = drop(
      { handle: Promise.resolve(fakeDirectory('a', [fakeFile('b')])), entry: fakeDirectoryEntry('a', []) },
      { entry: fakeDirectoryEntry('c', [fakeFileEntry('d')]) },
      { handle: Promise.reject(new DOMException('no', 'NotAllowedError')), entry: fakeFileEntry('e') },
      { handle: Promise.resolve(null), file: new File([], 'f') },
    )
    const taken = takeDropped(data)
    over()
    expect(taken?.names).toEqual(['a', 'c', 'e', 'f'])
    expect(await pathsOf(taken)).toEqual(['a/', 'a/b', 'c/', 'c/d', 'e', 'f'])
  })

  it('of text, or of nothing, is none', () => {
    expect(takeDropped(drop().data)).toBeUndefined()
  })
})
