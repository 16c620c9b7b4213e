import { shortDirectory } from '../model/shortDirectory.ts'
import type { TabView } from '../model/tabs.ts'
import type { Desk } from './desk.ts'

/** The directory that takes what is given to a tab as a whole: that of its files, of its shell, or its home. Reads signals. */
export function uploadPlace(desk: Desk, tab: TabView): string {
  const { files } = tab.record.value.view
  const shown = files ? desk.view.directory(tab).path.value : '.'
  return shown.startsWith('/') ? shown : (tab.session.directory.value ?? tab.sftp.info.value?.home ?? '~')
}

/** A directory of a tab's host as it is named to a person: `~/site`. Reads signals. */
export function placeText(tab: TabView, path: string): string {
  const home = tab.sftp.info.value?.home
  if (home !== undefined && home !== '/' && (path === home || path.startsWith(`${home}/`))) {
    return `~${path.slice(home.length)}`
  }
  return path === '.' ? '~' : shortDirectory(path, tab.record.value.target.username)
}
