import type { FileInfo } from '../../../shared/fileInfo.ts'
import type { Sftp } from '../sftp.ts'
import type { Problem } from './fileFailure.ts'
import { walk } from './walk.ts'

/** What a tree holds. Links and special files count as files; bytes are those of regular files. */
export interface Count {
  files: number
  directories: number
  bytes: number
}

/** Nothing yet. */
export const nothing: Count = { files: 0, directories: 0, bytes: 0 }

/** A count with one more entry. Pure. */
export function plus(count: Count, { type, size }: Pick<FileInfo, 'type' | 'size'>): Count {
  const { files, directories, bytes } = count
  if (type === 'directory') return { files, directories: directories + 1, bytes }
  return { files: files + 1, directories, bytes: type === 'file' ? bytes + size : bytes }
}

/** How a tree is counted. */
interface Counting {
  signal?: AbortSignal
  /** Is told of what cannot be read, and so not counted. */
  problem?(problem: Problem): void
  /** False leaves an entry out; what is in it may count still. */
  counts?(info: FileInfo): boolean
}

/**
 * Counts files and all that is below the directories among them. After an abort it ends early. Rejects with `Failed`.
 * @param counted is told what it comes to, at every entry
 */
export async function countTree(
  sftp: Pick<Sftp, 'ask' | 'list'>,
  files: readonly FileInfo[],
  counted: (count: Count) => void,
  { signal, problem, counts = () => true }: Counting = {},
): Promise<Count> {
  let count = nothing
  const add = (info: FileInfo) => {
    if (!counts(info)) return
    count = plus(count, info)
    counted(count)
  }
  for (const file of files) {
    if (signal?.aborted) break
    add(file)
    if (file.type !== 'directory') continue
    const tree = walk(sftp, file.path, signal, (path, failure) => problem?.({ path, failure }))
    for await (const { info } of tree) add(info)
  }
  return count
}
