import { activeFiles } from './activeFiles.ts'
import type { Desk } from './desk.ts'

/** Asks what a new file or folder in the one that is shown is to be called. */
export function askName(desk: Desk, what: 'file' | 'folder'): void {
  const { tab, directory } = activeFiles(desk) ?? {}
  if (!tab || !directory) return
  const dialog = { kind: 'make', what, tabId: tab.id, directory: directory.path.peek() } as const
  desk.view.sheet.value = { kind: 'files', dialog }
}
