import type { Command } from './command.ts'
import { type FileOf, fileOf, showFile } from './viewing.ts'

/** Shows what is in a file. */
export const openFile: Command<FileOf> = {
  id: 'open-file',
  title: 'Open the file',
  keys: ['Shift+Space'],
  keysIn: 'files',
  when: (desk) => fileOf(desk) !== undefined,
  run(desk, given) {
    const of = fileOf(desk, given)
    return of && showFile(desk, of)
  },
}
