import type { Command } from './command.ts'
import { type FileOf, fileOf, showFile } from './viewing.ts'

/** Shows the end of a text, and what is added to it, as `tail -F` does. */
export const followFile: Command<FileOf> = {
  id: 'follow-file',
  title: 'Follow the end of the file',
  when: (desk) => fileOf(desk) !== undefined,
  run(desk, given) {
    const of = fileOf(desk, given)
    return of && showFile(desk, of, { follow: true })
  },
}
