import type { FileInfo } from '../../shared/fileInfo.ts'
import { targetText } from '../../shared/target.ts'
import type { TextFile } from '../model/preview/textFile.ts'
import type { Viewer } from '../model/preview/viewer.ts'
import type { TabView } from '../model/tabs.ts'
import { activeFiles } from './activeFiles.ts'
import type { Desk } from './desk.ts'

/** A file of a tab's host. */
export interface FileOf {
  tabId: string
  file: FileInfo
}

/**
 * The file that a command is about: the one that is given, else the one that is looked at, else the only one that is chosen in
 * the list. Reads signals.
 */
export function fileOf(desk: Desk, given?: FileOf): FileOf | undefined {
  if (given) return given
  const active = activeFiles(desk)
  const viewer = active && desk.view.viewing.value.get(active.tab.id)
  if (active && viewer) return { tabId: active.tab.id, file: viewer.file }
  const [file, another] = active?.chosen ?? []
  return active && file && !another && file.type !== 'directory' ? { tabId: active.tab.id, file } : undefined
}

/** The file that is looked at in the pane that had the focus last. Reads signals. */
export function activeViewer(desk: Desk): Viewer | undefined {
  const active = activeFiles(desk)
  return active && desk.view.viewing.value.get(active.tab.id)
}

/** The whole text that is looked at. Reads signals. */
export function activeText(desk: Desk): TextFile | undefined {
  const content = activeViewer(desk)?.content.value
  return content?.kind === 'text' ? content.text : undefined
}

/** Whose files a tab has: names drafts, so that they are found again in another tab of the same destination. */
function ownerOf(tab: TabView): string {
  return `${targetText({ ...tab.record.peek().target, scheme: 'sftp' })}${tab.sftp.asRoot.peek() ? ' as root' : ''}`
}

/** Shows a file over the list of its tab, in the place of the one that is shown there. */
export function showFile(desk: Desk, of: FileOf, how: { edit?: boolean; follow?: boolean } = {}): Promise<void> {
  const tab = desk.app.tabs.get(of.tabId)
  if (!tab) return Promise.resolve()
  return leave(desk, of.tabId, async () => {
    const [{ Viewer }, { Drafts }] = await Promise.all([
      import('../model/preview/viewer.ts'),
      import('../model/preview/drafts.ts'),
    ])
    const report = (error: unknown) => desk.view.fail(error)
    const ports = { files: tab.sftp, drafts: new Drafts(desk.app.store.drafts), owner: ownerOf(tab), report }
    const viewer = new Viewer(ports, of.file, how)
    hold(desk, of.tabId, viewer)
    // Where there is room for one pane only, it is this one.
    desk.view.front.value = 'files'
    await viewer.open(how.follow)
  })
}

/** Closes the file that a tab shows, if any, then goes on; where something is not saved the person is asked first. */
export async function leave(desk: Desk, tabId: string, then: () => Promise<void> | void): Promise<void> {
  const viewer = desk.view.viewing.peek().get(tabId)
  if (viewer?.changed) viewer.leaving.value = { goOn: async () => then() }
  else await then()
}

/** Lets a tab show another file, or none. */
export function hold(desk: Desk, tabId: string, viewer: Viewer | undefined): void {
  const viewing = new Map(desk.view.viewing.peek())
  viewing.get(tabId)?.close()
  if (viewer) viewing.set(tabId, viewer)
  else viewing.delete(tabId)
  desk.view.viewing.value = viewing
}

/** Shows the file before or after the one that is shown, in the order of the list. */
export async function step(desk: Desk, by: 1 | -1): Promise<void> {
  const active = activeFiles(desk)
  const viewer = activeViewer(desk)
  if (!active || !viewer) return
  const here = ({ path }: FileInfo) => path === viewer.file.path
  const files = active.directory.shown.peek().filter((file) => file.type === 'file' || here(file))
  const at = files.findIndex(here)
  const file = at < 0 ? undefined : files[at + by]
  if (!file) return
  active.directory.select([file.name])
  await showFile(desk, { tabId: active.tab.id, file })
}
