import type { FileInfo } from '../../shared/fileInfo.ts'
import type { Change } from '../model/files/changeTree.ts'
import { changedMode, isWhole, MODE_BITS, type ModeChange } from '../model/files/modes.ts'
import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** What is to become of modes. */
interface NewModes {
  tabId: string
  files: readonly FileInfo[]
  /** Of files and of directories. */
  change: { file: ModeChange; directory: ModeChange }
  /** Also of all that is in the directories. */
  below: boolean
}

/** Changes who may read, write and run the chosen files; without an argument it shows the matrix. */
export const changeMode: Command<NewModes> = {
  id: 'change-mode',
  title: 'Change permissions',
  when: (desk) => Boolean(activeFiles(desk)?.chosen.some(({ type }) => type !== 'symlink')),
  async run(desk, what) {
    const { app, view } = desk
    if (!what) {
      const { tab, chosen } = activeFiles(desk) ?? {}
      const files = chosen?.filter(({ type }) => type !== 'symlink')
      if (tab && files?.length) {
        view.sheet.value = { kind: 'files', dialog: { kind: 'mode', tabId: tab.id, files } }
      }
      return
    }
    const { tabId, files, below } = what
    const tab = app.tabs.get(tabId)
    if (!tab) return
    const change: Change = (info) => {
      const mode = newMode(info, what.change)
      return mode === undefined ? undefined : { attributes: { mode } }
    }
    const { changeFiles } = await import('./changeFiles.ts')
    await changeFiles(desk, tab, { files, change, below, what: 'permissions' })
  },
}

/** The mode that a file is to have; undefined where it has it already, or it cannot be known what it has. */
function newMode({ mode, type }: FileInfo, change: NewModes['change']): number | undefined {
  if (type === 'symlink') return undefined
  const how = change[type]
  if (mode === undefined) return isWhole(how) ? how.set : undefined
  const wanted = changedMode(mode, how)
  return wanted === (mode & MODE_BITS) ? undefined : wanted
}
