import { type FileInfo, parentPath } from '../../shared/fileInfo.ts'
import type { TabView } from '../model/tabs.ts'
import type { Desk } from './desk.ts'

/** Whether two tabs show the files of the same account of the same host. */
export function sameAccount({ record: a }: TabView, { record: b }: TabView): boolean {
  const text = ({
    host,
    port = 22,
    username,
  }: {
    host: string
    port?: number | undefined
    username?: string | undefined
  }) => JSON.stringify([host, port, username])
  return text(a.peek().target) === text(b.peek().target)
}

/**
 * Something in these directories has changed: wherever one is shown, it is read again.
 * @param select names that are selected in the tab afterwards
 */
export async function filesChanged(
  { app, view }: Desk,
  tab: TabView,
  paths: Iterable<string>,
  select?: readonly string[],
): Promise<void> {
  const changed = new Set(paths)
  const showing = app.tabs.tabs
    .peek()
    .filter((one) => sameAccount(one, tab) && changed.has(view.directory(one).path.peek()))
  await Promise.all(showing.map((one) => view.directory(one).refresh()))
  if (select && showing.includes(tab)) view.directory(tab).select(select)
}

/** Files of a list are gone: it is read again, and the next one that stays, or else the one before, becomes the current one. */
export async function filesGone(desk: Desk, tab: TabView, files: readonly FileInfo[]): Promise<void> {
  const directory = desk.view.directory(tab)
  const names = new Set(files.map(({ name }) => name))
  const before = directory.shown.peek()
  const last = before.findLastIndex(({ name }) => names.has(name))
  const stays = ({ name }: FileInfo) => !names.has(name)
  const next = before.slice(last + 1).find(stays) ?? before.slice(0, Math.max(0, last)).findLast(stays)
  await filesChanged(desk, tab, new Set(files.map(({ path }) => parentPath(path))))
  if (next && directory.shown.peek().every(stays)) directory.stand(next.name)
}
