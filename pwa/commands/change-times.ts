import { type FileInfo, parentPath } from '../../shared/fileInfo.ts'
import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import { filesChanged } from './filesChanged.ts'

/** When files are to have been read and changed, in seconds since 1970; what is undefined stays. */
interface NewTimes {
  tabId: string
  files: readonly FileInfo[]
  atime: number | undefined
  mtime: number | undefined
}

/** Sets the times of the chosen files, as touch does; without an argument it asks for them. */
export const changeTimes: Command<NewTimes> = {
  id: 'change-times',
  title: 'Change times',
  when: (desk) => Boolean(activeFiles(desk)?.chosen.length),
  async run(desk, what) {
    const { app, view } = desk
    if (!what) {
      const { tab, chosen: files } = activeFiles(desk) ?? {}
      if (tab && files?.length) {
        view.sheet.value = { kind: 'files', dialog: { kind: 'times', tabId: tab.id, files } }
      }
      return
    }
    const { tabId, files } = what
    const tab = app.tabs.get(tabId)
    if (!tab) return
    const { setTimes } = await import('../model/files/properties.ts')
    for (const { path, atime: read, modifiedAt } of files) {
      const changed = Math.max(0, Math.floor(modifiedAt.getTime() / 1000))
      const { mtime = changed, atime = read ?? changed } = what
      await setTimes(tab.sftp, path, { atime, mtime })
    }
    await filesChanged(desk, tab, new Set(files.map(({ path }) => parentPath(path))))
  },
}
