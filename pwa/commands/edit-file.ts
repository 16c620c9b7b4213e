import type { Command } from './command.ts'
import { type FileOf, fileOf, showFile } from './viewing.ts'

/** Opens a text to be edited. */
export const editFile: Command<FileOf> = {
  id: 'edit-file',
  title: 'Edit the file',
  when: (desk) => fileOf(desk) !== undefined,
  run(desk, given) {
    const of = fileOf(desk, given)
    return of && showFile(desk, of, { edit: true })
  },
}
