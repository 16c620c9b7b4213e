import { type FileInfo, joinPath, parentPath } from '../../shared/fileInfo.ts'
import { atOnce } from '../model/files/atOnce.ts'
import { failedWith, failureOfFile } from '../model/files/fileFailure.ts'
import { FileJob } from '../model/files/fileJob.ts'
import { nameOf } from '../model/files/lstat.ts'
import { renameFile } from '../model/files/renameFile.ts'
import type { TabView } from '../model/tabs.ts'
import type { Desk } from './desk.ts'
import { runJob } from './fileJobs.ts'
import { filesChanged, filesGone } from './filesChanged.ts'
import { filesText, nameText } from './fileWords.ts'

/** Files that are moved side by side. */
const MOST = 8

/**
 * Moves files within one account by giving them other paths, which can be taken back; resolves with those that a transfer has
 * to move: to another file system, onto a name that is taken, or while the host is lost.
 */
export async function moveFiles(
  desk: Desk,
  from: TabView,
  files: readonly FileInfo[],
  to: TabView,
  directory: string,
): Promise<readonly FileInfo[]> {
  const moved: FileInfo[] = []
  const left: FileInfo[] = []
  const target = ({ name }: FileInfo) => joinPath(directory, name)
  const job = new FileJob({
    run: ({ signal, done, problem }) =>
      atOnce(
        files,
        MOST,
        async (file) => {
          try {
            await renameFile(to.sftp, file.path, target(file))
            moved.push(file)
            done(file)
          } catch (error) {
            const failure = failureOfFile(error)
            if (!failure || failedWith(error, 'sftp-failure', 'sftp-unsupported', 'file-exists')) left.push(file)
            else problem({ path: file.path, failure })
          }
        },
        signal,
      ),
  })
  const shown = { job, files, doing: `Moving ${filesText(files)}`, begin: () => undefined }
  await runJob(desk, shown, async () => {
    if (moved.length === 0) return
    await filesGone(desk, from, moved)
    const names = moved.map(({ name }) => name)
    const inSight = desk.view.directory(to).path.peek() === directory
    await filesChanged(desk, to, [directory], inSight ? names : undefined)
    const text = moved.length === files.length ? filesText(files) : `${moved.length} of ${files.length}`
    desk.view.say(`Moved ${text} to “${nameText(nameOf(directory))}”`, 'done', async () => {
      try {
        for (const file of moved) await renameFile(to.sftp, target(file), file.path)
      } finally {
        await filesChanged(desk, to, new Set([directory, ...moved.map(({ path }) => parentPath(path))]))
      }
    })
  })
  return left
}
