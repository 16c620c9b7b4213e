import type { UploadSource } from './uploadSource.ts'
import { walkHandle } from './walked.ts'

/** What a person has given at once: dropped, picked, pasted or shared. */
export interface Taken {
  /** Of the files and directories that were given, not of what is in them; at least one. */
  names: readonly string[]
  /** All of it, read as it is asked for, once. */
  sources: AsyncIterable<UploadSource>
}

/** Files of a picker, of a folder by `webkitdirectory`, or of another app; undefined where there is none. */
export function takeFiles(files: readonly File[]): Taken | undefined {
  if (files.length === 0) return undefined
  const sources = files.map(sourceOf)
  const names = [...new Set(sources.map(({ path }) => path[0] ?? ''))]
  return { names, sources: given(sources) }
}

/** What the pickers with handles give; undefined where there is none. */
export function takeHandles(handles: readonly (FileSystemFileHandle | FileSystemDirectoryHandle)[]): Taken | undefined {
  if (handles.length === 0) return undefined
  return { names: handles.map(({ name }) => name), sources: walkAll(handles) }
}

/** One file that the browser knows no more about; its path is made safe. */
export function sourceOf(file: File): UploadSource {
  const names = (file.webkitRelativePath || file.name).split('/').filter((name) => name !== '' && !/^\.\.?$/.test(name))
  // A name alone may be what another site or app has made up.
  const path = (file.webkitRelativePath ? names : names.slice(-1)).map((name) => name.replaceAll('\0', '_'))
  return {
    path: path.length > 0 ? path : ['unnamed'],
    kind: 'file',
    file: async () => file,
    size: file.size,
    modifiedAt: file.lastModified,
  }
}

async function* given(sources: readonly UploadSource[]): AsyncGenerator<UploadSource, void, undefined> {
  yield* sources
}

async function* walkAll(
  handles: readonly (FileSystemFileHandle | FileSystemDirectoryHandle)[],
): AsyncGenerator<UploadSource, void, undefined> {
  for (const handle of handles) yield* withHandles(walkHandle(handle), handles.length)
}

/** Handles of single files that are kept of what is given at once: the browser takes milliseconds for each, every time. */
const KEPT = 32

/** The same without handles where `count` files were given, and those are many: after a reload the person gives them again. */
export async function* withHandles(
  sources: AsyncIterable<UploadSource>,
  count: number,
): AsyncGenerator<UploadSource, void, undefined> {
  for await (const { handle, ...source } of sources) yield handle && count <= KEPT ? { ...source, handle } : source
}
