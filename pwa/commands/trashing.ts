import { type FileInfo, parentPath } from '../../shared/fileInfo.ts'
import { absolutePath } from '../model/absolutePath.ts'
import { failureOf } from '../model/failure.ts'
import { atOnce } from '../model/files/atOnce.ts'
import { failureOfFile, refused } from '../model/files/fileFailure.ts'
import { FileJob } from '../model/files/fileJob.ts'
import { Trash, type Trashed } from '../model/files/trash.ts'
import type { TabView } from '../model/tabs.ts'
import { askToDelete } from './deleting.ts'
import type { Desk } from './desk.ts'
import { runJob } from './fileJobs.ts'
import { filesChanged, filesGone } from './filesChanged.ts'
import { filesText } from './fileWords.ts'

/** Files that are moved to the trash side by side. */
const MOST = 8

/** The trash of a tab's host. Rejects with `Failed`. */
export async function trashOf({ sftp }: TabView): Promise<Trash> {
  return new Trash(sftp, await absolutePath(sftp, '~'))
}

/** Moves files to the trash, and asks about those that can only be deleted. */
export async function moveToTrash(desk: Desk, tab: TabView, files: readonly FileInfo[]): Promise<void> {
  const trash = await trashOf(tab)
  if (files.some(({ path }) => trash.holds(path))) return askToDelete(desk, tab, files)
  const moved: Trashed[] = []
  const left: FileInfo[] = []
  const job = new FileJob({
    run: ({ signal, done, problem }) =>
      atOnce(
        files,
        MOST,
        async (file) => {
          try {
            moved.push(await trash.take(file.path, new Date()))
            done(file)
          } catch (error) {
            const failure = failureOfFile(error)
            if (failure) problem({ path: file.path, failure })
            else if (failureOf(error).code === 'not-in-trash') left.push(file)
            else throw error
          }
        },
        signal,
      ),
  })
  const shown = { job, files, doing: `Moving ${filesText(files)} to the trash`, begin: () => undefined }
  await runJob(desk, shown, async () => {
    await filesGone(desk, tab, files)
    if (moved.length === 0) return
    const text = moved.length === files.length ? filesText(files) : `${moved.length} of ${files.length}`
    desk.view.say(`Moved ${text} to the trash`, 'done', async () => {
      for (const one of moved) await trash.putBack(one)
      await filesChanged(desk, tab, new Set(files.map(({ path }) => parentPath(path))))
    })
  })
  if (left.length > 0 && !desk.view.sheet.peek()) await askToDelete(desk, tab, left, { untrashed: true })
}

/** Moves what lies in the trash to where it was. */
export async function putBackFiles(desk: Desk, tab: TabView, files: readonly FileInfo[]): Promise<void> {
  const trash = await trashOf(tab)
  const places = new Set<string>()
  const job = new FileJob({
    async run({ signal, done, problem }) {
      for (const file of files) {
        if (signal.aborted) return
        try {
          const from = await trash.origin(file.name)
          if (from === undefined) throw refused('no-such-file')
          await trash.putBack({ from, name: file.name })
          places.add(parentPath(from))
          done(file)
        } catch (error) {
          const failure = failureOfFile(error)
          if (!failure) throw error
          problem({ path: file.path, failure })
        }
      }
    },
  })
  await runJob(desk, { job, files, doing: `Putting back ${filesText(files)}`, begin: () => undefined }, async () => {
    await filesGone(desk, tab, files)
    await filesChanged(desk, tab, places)
    if (job.problemCount.peek() === 0 && job.state.peek() === 'done') desk.view.say(`Put back ${filesText(files)}`)
  })
}
