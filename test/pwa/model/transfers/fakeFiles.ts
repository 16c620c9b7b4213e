import type { Taken } from '../../../../pwa/model/transfers/taken.ts'
import type { UploadSource } from '../../../../pwa/model/transfers/uploadSource.ts'

/** The path of each source, with a slash behind those of directories. */
export async function pathsOf(taken: Taken | undefined): Promise<string[]> {
  const all: UploadSource[] = []
  if (taken) for await (const source of taken.sources) all.push(source)
  return all.map(({ path, kind }) => path.join('/') + (kind === 'directory' ? '/' : ''))
}

/** A handle of a file; `read` gives its file. */
export function fakeFile(name: string, read = async () => new File([name], name)): FileSystemFileHandle {
  // Of a handle, a walk uses no more than this.
  return { kind: 'file', name, getFile: read } as unknown as FileSystemFileHandle
}

/** A handle of a directory; children that are an error end its reading. */
export function fakeDirectory(
  name: string,
  children: (FileSystemFileHandle | FileSystemDirectoryHandle | Error)[],
): FileSystemDirectoryHandle {
  async function* values() {
    for (const child of children) {
      if (child instanceof Error) throw child
      yield child
    }
  }
  const child = (kind: string) => async (wanted: string) => {
    const found = children.find((one) => !(one instanceof Error) && one.kind === kind && one.name === wanted)
    if (!found) throw new DOMException('There is none', 'NotFoundError')
    return found
  }
  const get = { getFileHandle: child('file'), getDirectoryHandle: child('directory') }
  return { kind: 'directory', name, values, ...get } as unknown as FileSystemDirectoryHandle
}

/** An entry of a file, as browsers without handles give it. */
export function fakeFileEntry(name: string): FileSystemFileEntry {
  const file = (give: (file: File) => void) => give(new File([name], name))
  return { isDirectory: false, isFile: true, name, file } as unknown as FileSystemFileEntry
}

/** An entry of a directory, which gives its content in rounds of a hundred, as Chromium does. */
export function fakeDirectoryEntry(name: string, children: FileSystemEntry[]): FileSystemDirectoryEntry {
  const createReader = () => {
    let at = 0
    const readEntries = (give: (round: FileSystemEntry[]) => void) => {
      give(children.slice(at, at + 100))
      at += 100
    }
    return { readEntries }
  }
  return { isDirectory: true, isFile: false, name, createReader } as unknown as FileSystemDirectoryEntry
}
