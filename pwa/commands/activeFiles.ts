import type { FileInfo } from '../../shared/fileInfo.ts'
import type { TabView } from '../model/tabs.ts'
import { activeTab } from './activeTab.ts'
import type { Desk } from './desk.ts'
import type { Directory } from './directory.ts'

/** What a command on files is about. */
export interface ActiveFiles {
  /** Whose files: the tab that is shown, or the one whose files stand beside. */
  tab: TabView
  directory: Directory
  /** The selected entries, or else the current one. */
  chosen: readonly FileInfo[]
}

/** The files pane that had the focus last, of those that are shown; undefined while none is. Reads signals. */
export function activeFiles(desk: Desk): ActiveFiles | undefined {
  const { app, view } = desk
  const own = activeTab(desk)
  if (!own?.record.value.view.files) return undefined
  const tab = (view.filesSide.value === 'beside' && app.tabs.get(view.beside.value)) || own
  const directory = view.directory(tab)
  return { tab, directory, chosen: directory.chosen() }
}
