import { sourceOf, type Taken, withHandles } from './taken.ts'
import type { UploadSource } from './uploadSource.ts'
import { walkEntry, walkHandle } from './walked.ts'

/** Chromium's way to a handle; TypeScript's library does not have it. */
type Item = DataTransferItem & {
  getAsFileSystemHandle?(): Promise<FileSystemFileHandle | FileSystemDirectoryHandle | null>
}

interface Given {
  handle: Promise<FileSystemFileHandle | FileSystemDirectoryHandle | null> | undefined
  entry: FileSystemEntry | null
  file: File | null
}

/** Files and directories that were dropped; undefined where there are none. Call it in the event: later there is nothing. */
export function takeDropped(data: DataTransfer): Taken | undefined {
  const all = [...data.items].filter(({ kind }) => kind === 'file').map(give)
  const names = all.flatMap(nameOf)
  return names.length > 0 ? { names, sources: walk(all) } : undefined
}

function give(item: Item): Given {
  // Without a handle, as for what is dragged out of another page, there is still the entry.
  const handle = item.getAsFileSystemHandle?.().catch(() => null)
  return { handle, entry: item.webkitGetAsEntry(), file: item.getAsFile() }
}

function nameOf({ entry, file }: Given): string[] {
  if (entry) return [entry.name]
  return file ? [sourceOf(file).path[0] ?? file.name] : []
}

async function* walk(all: readonly Given[]): AsyncGenerator<UploadSource, void, undefined> {
  for (const { handle, entry, file } of all) {
    const held = await handle
    if (held) yield* withHandles(walkHandle(held), all.length)
    else if (entry) yield* walkEntry(entry)
    else if (file) yield sourceOf(file)
  }
}
