import { FolderGoal } from './folderGoal.ts'
import type { DownloadGoal } from './goal.ts'
import { SavedFileGoal } from './savedFileGoal.ts'

/** The goal of a download that an earlier page began, from the handle that it kept; the browser must allow writing again. */
export function goalOf(handle: FileSystemDirectoryHandle | FileSystemFileHandle): DownloadGoal {
  return handle.kind === 'directory' ? new FolderGoal(handle, true) : new SavedFileGoal(handle)
}
