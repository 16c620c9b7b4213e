import { Failed } from '../failure.ts'
import type { UploadSource } from './uploadSource.ts'

/** Directories below one another that are followed. */
const MAX_DEPTH = 256

/** A file or a directory of this device and all that is in it, directories before their content; read as it is asked for. */
export async function* walkHandle(
  handle: FileSystemFileHandle | FileSystemDirectoryHandle,
  path: readonly string[] = [handle.name],
  root?: FileSystemDirectoryHandle,
): AsyncGenerator<UploadSource, void, undefined> {
  if (handle.kind === 'file') {
    // One handle of a whole directory is kept at once; a thousand of its files would take seconds each time.
    yield await ofFile(path, () => handle.getFile(), root ? { root } : { handle })
    return
  }
  yield { path, kind: 'directory' }
  if (path.length >= MAX_DEPTH) {
    yield unreadable(path)
    return
  }
  try {
    for await (const child of handle.values()) yield* walkHandle(child, [...path, child.name], root ?? handle)
  } catch (cause) {
    yield unreadable(path, cause)
  }
}

/** A file of a directory again, by its path, the first name of which is the directory's own. Rejects with `Failed`. */
export async function fileIn(root: FileSystemDirectoryHandle, path: readonly string[]): Promise<File> {
  const [, ...names] = path
  const last = names.pop()
  if (last === undefined) throw new Failed('source-unreadable')
  try {
    let directory = root
    for (const name of names) directory = await directory.getDirectoryHandle(name)
    return await (await directory.getFileHandle(last)).getFile()
  } catch (cause) {
    throw new Failed('source-unreadable', cause)
  }
}

/** The same for what browsers without handles give. */
export async function* walkEntry(
  entry: FileSystemEntry,
  path: readonly string[] = [entry.name],
): AsyncGenerator<UploadSource, void, undefined> {
  if (!isDirectory(entry)) {
    // An entry that is no directory is a file.
    yield await ofFile(path, () => fileOf(entry as FileSystemFileEntry))
    return
  }
  yield { path, kind: 'directory' }
  if (path.length >= MAX_DEPTH) {
    yield unreadable(path)
    return
  }
  try {
    const reader = entry.createReader()
    // Chromium gives a hundred at a time; an empty round is the end.
    for (let round = await nextRound(reader); round.length > 0; round = await nextRound(reader)) {
      for (const child of round) yield* walkEntry(child, [...path, child.name])
    }
  } catch (cause) {
    yield unreadable(path, cause)
  }
}

async function ofFile(
  path: readonly string[],
  read: () => Promise<File>,
  kept: Pick<UploadSource, 'handle' | 'root'> = {},
): Promise<UploadSource> {
  try {
    const { size, lastModified } = await read()
    const file = () => read().catch(refuse)
    return { path, kind: 'file', file, size, modifiedAt: lastModified, ...kept }
  } catch (cause) {
    return unreadable(path, cause)
  }
}

function unreadable(path: readonly string[], cause?: unknown): UploadSource {
  return { path, kind: 'file', file: async () => refuse(cause) }
}

function refuse(cause: unknown): never {
  throw new Failed('source-unreadable', cause)
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

function nextRound(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject))
}
