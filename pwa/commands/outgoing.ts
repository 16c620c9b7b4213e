import type { FileInfo } from '../../shared/fileInfo.ts'
import type { Out } from '../model/out/ways.ts'
import type { TabView } from '../model/tabs.ts'
import { activeFiles } from './activeFiles.ts'
import type { Desk } from './desk.ts'

/** Code that only downloads need. */
export const loadWays = () => import('../model/out/ways.ts')

/** Files of one host that are to leave it. */
export interface Outgoing {
  tab: TabView
  /** At least one. */
  files: readonly FileInfo[]
}

/** What is chosen in the files pane; undefined where nothing is. Reads signals. */
export function outgoing(desk: Desk): Outgoing | undefined {
  const active = activeFiles(desk)
  return active && active.chosen.length > 0 ? { tab: active.tab, files: active.chosen } : undefined
}

/** One file goes as it is; all else as a zip, named after the folder that is in it or around it. */
export function outOf(files: readonly FileInfo[]): Out {
  const [only] = files
  if (only && files.length === 1) return only.type === 'directory' ? zipOf(only.name) : { as: 'file' }
  return zipOf(only?.path.split('/').at(-2) || 'files')
}

/** A zip named after a folder. */
export function zipOf(folder: string): Out {
  return { as: 'zip', name: `${folder}.zip` }
}
