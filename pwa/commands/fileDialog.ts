import type { FileInfo } from '../../shared/fileInfo.ts'
import type { FileJob } from '../model/files/fileJob.ts'

/** A job with what it is about, and the words for it. */
export interface ShownJob {
  job: FileJob
  files: readonly FileInfo[]
  /** What is being done: `Deleting`. */
  doing: string
  /** What is asked before it begins, and the verb on the button. */
  question?: { title: string; verb: string; danger: boolean; note?: string }
  /** Begins it, once the person has said so. */
  begin(): void
}

/** A dialog about files of a tab. */
export type FileDialog =
  | { kind: 'make'; tabId: string; directory: string; what: 'file' | 'folder' }
  | { kind: 'job'; shown: ShownJob }
  | { kind: 'mode' | 'owner' | 'times' | 'properties'; tabId: string; files: readonly FileInfo[] }
  | { kind: 'new-link'; tabId: string; directory: string; file: FileInfo | undefined }
  | { kind: 'change-link'; tabId: string; file: FileInfo }
