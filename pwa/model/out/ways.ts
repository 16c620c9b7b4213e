import { FileGoal } from './fileGoal.ts'
import { FolderGoal } from './folderGoal.ts'
import type { DownloadGoal } from './goal.ts'
import { localName } from './localName.ts'
import { outlets } from './openOutlet.ts'
import type { OpenOutlet } from './outlet.ts'
import { SavedFileGoal } from './savedFileGoal.ts'
import { ZipGoal } from './zipGoal.ts'

/** What is on its way out: one file, or all that was chosen as a zip of this name. */
export type Out = { as: 'file' } | { as: 'zip'; name: string }

/** A download of the browser's own. @param streams see `Platform` */
export function browserGoal(out: Out, streams: (() => ServiceWorker | undefined) | undefined): DownloadGoal {
  return outletGoal(out, outlets(streams))
}

/** A download whose bytes go where `open` says. */
export function outletGoal(out: Out, open: OpenOutlet): DownloadGoal {
  return out.as === 'file' ? new FileGoal(open) : new ZipGoal(localName(out.name), open)
}

/** A folder or a file that the person has chosen. */
export function handleGoal(handle: FileSystemDirectoryHandle | FileSystemFileHandle): DownloadGoal {
  return handle.kind === 'directory' ? new FolderGoal(handle) : new SavedFileGoal(handle)
}

/** What a file of the server may be called here. */
export const suggestedName = localName
