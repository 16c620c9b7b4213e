import { type FileInfo, parentPath } from '../../shared/fileInfo.ts'
import { type Change, changeTree } from '../model/files/changeTree.ts'
import { countTree } from '../model/files/countTree.ts'
import { FileJob } from '../model/files/fileJob.ts'
import type { TabView } from '../model/tabs.ts'
import type { Desk } from './desk.ts'
import { askForJob, runJob } from './fileJobs.ts'
import { filesChanged } from './filesChanged.ts'
import { countWords, filesText } from './fileWords.ts'

/** A change of attributes of many files. */
interface Changing {
  files: readonly FileInfo[]
  change: Change
  /** Also of all that is in the directories: then it is counted first, and the person is asked. */
  below: boolean
  /** What is changed: `the owner`. */
  what: string
}

/** Changes attributes of files in the background, and says so. */
export function changeFiles(desk: Desk, tab: TabView, { files, change, below, what }: Changing): Promise<void> {
  const { sftp } = tab
  const counts = (info: FileInfo) => change(info) !== undefined
  const job = new FileJob({
    count: (signal, counted, problem) => countTree(sftp, files, counted, { signal, problem, counts }),
    async run(progress) {
      for (const file of files) if (!progress.signal.aborted) await changeTree(sftp, file, change, below, progress)
    },
  })
  const begin = () =>
    runJob(desk, shown, async () => {
      await filesChanged(desk, tab, new Set(files.map(({ path }) => parentPath(path))))
      if (job.state.peek() !== 'done' || job.problemCount.peek() > 0) return
      const changed = below ? countWords(job.counted.peek()) : filesText(files)
      desk.view.say(`Changed ${what} of ${changed}`)
    })
  const question = { title: `Change ${what} in ${filesText(files)}?`, verb: 'Change', danger: false }
  const shown = { job, files, doing: `Changing ${what} of ${filesText(files)}`, question, begin: () => void begin() }
  return below ? askForJob(desk, shown) : begin()
}
