import { Failed } from '../failure.ts'
import { LocalNames } from './localNames.ts'

/** The part of the File System Standard that TypeScript's DOM library does not have. */
interface Movable {
  move?(name: string): Promise<void>
}

const isMissing = (error: unknown) => error instanceof DOMException && error.name === 'NotFoundError'

/** What stands under a name; nothing of it is made. */
export async function entryAt(
  directory: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemFileHandle | 'directory' | undefined> {
  try {
    return await directory.getFileHandle(name)
  } catch (error) {
    if (isMissing(error)) return undefined
    if (error instanceof DOMException && error.name === 'TypeMismatchError') return 'directory'
    // A name that the browser does not give, such as those of Windows' shortcuts: nothing of ours can be there.
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Makes a file, or opens the one that is there. Rejects with `Failed` where the browser does not allow the name. */
export async function makeFile(directory: FileSystemDirectoryHandle, name: string): Promise<FileSystemFileHandle> {
  try {
    return await directory.getFileHandle(name, { create: true })
  } catch (error) {
    throw error instanceof TypeError ? new Failed('name-not-allowed', error) : error
  }
}

/** Removes what is there, if anything is. */
export async function removeIfThere(directory: FileSystemDirectoryHandle, name: string): Promise<void> {
  try {
    await directory.removeEntry(name)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** Gives a finished file its name, in place of what has that name. */
export async function rename(
  directory: FileSystemDirectoryHandle,
  from: FileSystemFileHandle,
  to: string,
): Promise<void> {
  const { move } = from as Movable
  if (move && (await moved(from, to))) return
  // Where files cannot be moved they are copied; a writer replaces what is there when it is closed.
  const target = await makeFile(directory, to)
  await (await from.getFile()).stream().pipeTo(await target.createWritable())
  await directory.removeEntry(from.name)
}

async function moved(from: FileSystemFileHandle, to: string): Promise<boolean> {
  try {
    await (from as Required<Movable> & FileSystemFileHandle).move(to)
    return true
  } catch (error) {
    // Chromium moves over what is there only shortly after a click, and some file systems not at all.
    if (error instanceof DOMException) return false
    throw error
  }
}

/** One directory on the disk, and the names in it. */
export interface Folder {
  handle: FileSystemDirectoryHandle
  names: LocalNames
}

/** A directory below another, made where it is missing; a file of that name stays, and the directory gets a number. */
export async function folderIn(above: Folder, name: string): Promise<Folder> {
  const local = await above.names.free(name, async (one) => {
    const there = await entryAt(above.handle, one)
    return there === undefined || there === 'directory'
  })
  return { handle: await above.handle.getDirectoryHandle(local, { create: true }), names: new LocalNames() }
}
