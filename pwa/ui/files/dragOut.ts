import * as v from 'valibot'
import { type FileInfo, permissionsText } from '../../../shared/fileInfo.ts'
import { shellQuote } from '../../../shared/shellQuote.ts'
import { localName } from '../../model/out/localName.ts'
import type { TabView } from '../../model/tabs.ts'

/** The type of rows of a list that are dragged: JSON of `DraggedFiles`. */
export const filesType = 'application/x-fairlead-files'

const DraggedFiles = v.object({
  tabId: v.string(),
  /** Absolute. */
  paths: v.array(v.string()),
})

/** Rows of a list on their way. */
export type DraggedFiles = v.InferOutput<typeof DraggedFiles>

/** The rows that were dropped; undefined where there are none. Any page can begin a drag that says it has some. */
export function droppedFiles(event: DragEvent): DraggedFiles | undefined {
  try {
    return v.parse(DraggedFiles, JSON.parse(event.dataTransfer?.getData(filesType) ?? ''))
  } catch {
    return undefined
  }
}

/**
 * Begins the drag of rows: onto another list, a directory or a tab, as quoted paths onto whatever takes text, and out of a
 * browser that can do so as a file. That is one file only: a folder or several have no form that the desktop takes.
 */
export function dragOut(event: DragEvent, tab: TabView, files: readonly FileInfo[]): void {
  const { dataTransfer } = event
  if (!dataTransfer || files.length === 0) return
  const paths = files.map(({ path }) => path)
  dataTransfer.effectAllowed = 'copyMove'
  dataTransfer.setData(filesType, JSON.stringify({ tabId: tab.id, paths } satisfies DraggedFiles))
  dataTransfer.setData('text/plain', paths.map(shellQuote).join(' '))
  const [only] = files
  if (only && files.length === 1 && isRegular(only) && fetchesDragged()) {
    const name = localName(only.name)
    const url = tab.sftp.offer(only.path, name)
    if (url) dataTransfer.setData('DownloadURL', `application/octet-stream:${name}:${url}`)
  }
}

/** Whether there are bytes to fetch: not in links, pipes and devices. What links lead to is not known for sure. */
function isRegular({ type, mode }: FileInfo): boolean {
  return type === 'file' && (mode === undefined || permissionsText(mode).startsWith('-'))
}

/** Chromium's own: other browsers take the type for any text, and nothing fetches it. */
function fetchesDragged(): boolean {
  return navigator.userAgent.includes('Chrome/')
}
