import type { FileInfo } from '../../shared/fileInfo.ts'
import { visibleName } from '../../shared/fileName.ts'
import type { Count } from '../model/files/countTree.ts'

/** A file's name as it may be shown in a line of text: what hides or turns around is escaped. */
export function nameText(name: string): string {
  return visibleName(name)
    .map(({ text }) => text)
    .join('')
}

/** Files and folders by their number: `1 file`, `3 files and 1 folder`. */
export function countWords({ files, directories }: Pick<Count, 'files' | 'directories'>): string {
  const of = (count: number, one: string) => `${count.toLocaleString()} ${one}${count === 1 ? '' : 's'}`
  const parts = [
    ...(files > 0 || directories === 0 ? [of(files, 'file')] : []),
    ...(directories > 0 ? [of(directories, 'folder')] : []),
  ]
  return parts.join(' and ')
}

/** One by its name, several by their number: `“notes.txt”`, `2 files`. */
export function filesText(files: readonly Pick<FileInfo, 'name' | 'type'>[]): string {
  const [first] = files
  if (first && files.length === 1) return `“${nameText(first.name)}”`
  const directories = files.filter(({ type }) => type === 'directory').length
  return countWords({ files: files.length - directories, directories })
}
