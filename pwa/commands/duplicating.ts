import { type FileInfo, parentPath } from '../../shared/fileInfo.ts'
import { duplicate } from '../model/files/copyTree.ts'
import { FileJob } from '../model/files/fileJob.ts'
import { nameOf } from '../model/files/lstat.ts'
import type { TabView } from '../model/tabs.ts'
import type { Desk } from './desk.ts'
import { runJob } from './fileJobs.ts'
import { filesChanged } from './filesChanged.ts'
import { filesText } from './fileWords.ts'

/** Copies files beside themselves in the background, and selects the copies. */
export function duplicateAll(desk: Desk, tab: TabView, files: readonly FileInfo[]): Promise<void> {
  const copies: string[] = []
  const job = new FileJob({
    async run(progress) {
      for (const file of files) {
        if (progress.signal.aborted) return
        copies.push(nameOf(await duplicate(tab.sftp, file, progress)))
      }
    },
  })
  const shown = { job, files, doing: `Duplicating ${filesText(files)}`, begin: () => undefined }
  return runJob(desk, shown, () => filesChanged(desk, tab, new Set(files.map(({ path }) => parentPath(path))), copies))
}
