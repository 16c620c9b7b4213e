import { activeFiles } from './activeFiles.ts'
import type { Desk } from './desk.ts'

/** The paths of the chosen files, or that of the directory that is shown where none is chosen. Reads signals. */
export function chosenPaths(desk: Desk): string[] {
  const { directory, chosen = [] } = activeFiles(desk) ?? {}
  if (!directory) return []
  return chosen.length > 0 ? chosen.map(({ path }) => path) : [directory.path.value]
}
