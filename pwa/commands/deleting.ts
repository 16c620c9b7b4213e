import { type FileInfo, parentPath } from '../../shared/fileInfo.ts'
import { absolutePath } from '../model/absolutePath.ts'
import { countTree } from '../model/files/countTree.ts'
import type { Problem } from '../model/files/fileFailure.ts'
import { FileJob } from '../model/files/fileJob.ts'
import { type Progress, removeTree } from '../model/files/removeTree.ts'
import { Trash } from '../model/files/trash.ts'
import type { TabView } from '../model/tabs.ts'
import type { Desk } from './desk.ts'
import type { ShownJob } from './fileDialog.ts'
import { askForJob, runJob } from './fileJobs.ts'
import { filesGone } from './filesChanged.ts'
import { countWords, filesText } from './fileWords.ts'

/**
 * Counts files with all that is in them, asks, and deletes them for good.
 * @param untrashed they were to go to the trash, and the server did not move them there
 */
export function askToDelete(
  desk: Desk,
  tab: TabView,
  files: readonly FileInfo[],
  { untrashed = false } = {},
): Promise<void> {
  const { view } = desk
  const job = new FileJob({
    count: (signal, counted, problem) => countTree(tab.sftp, files, counted, { signal, problem }),
    run: (progress) => remove(tab, files, progress),
  })
  const question = {
    title: `Delete ${filesText(files)} for good?`,
    verb: 'Delete',
    danger: true,
    ...(untrashed && {
      note: 'The server could not move it to the trash: it may be on another file system than your home folder.',
    }),
  }
  const begin = () =>
    void runJob(desk, shown, async () => {
      await filesGone(desk, tab, files)
      const done = job.done.peek()
      if (job.state.peek() === 'done' && job.problemCount.peek() === 0) view.say(`Deleted ${countWords(done)}`)
      else if (job.state.peek() === 'stopped') view.say(`Stopped. ${countWords(done)} had been deleted`)
    })
  const shown: ShownJob = { job, files, doing: `Deleting ${filesText(files)}`, question, begin }
  return askForJob(desk, shown)
}

/** What is deleted out of the trash is forgotten there. */
async function remove(
  { sftp }: TabView,
  files: readonly FileInfo[],
  progress: Progress & { signal: AbortSignal },
): Promise<void> {
  const trash = new Trash(sftp, await absolutePath(sftp, '~'))
  for (const file of files) {
    if (progress.signal.aborted) return
    let whole = true
    const problem = (one: Problem) => {
      whole = false
      progress.problem(one)
    }
    await removeTree(sftp, file, { ...progress, problem })
    whole &&= !progress.signal.aborted
    if (whole && parentPath(file.path) === trash.files) await trash.forget(file.name)
  }
}
