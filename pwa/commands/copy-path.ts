import { shellQuote } from '../../shared/shellQuote.ts'
import { activeFiles } from './activeFiles.ts'
import { chosenPaths } from './chosenPaths.ts'
import type { Command } from './command.ts'
import { copyText } from './copyText.ts'

/** Copies the paths of the chosen files, a line each. What is no text, or no single line, is quoted for a shell. */
export const copyPath: Command = {
  id: 'copy-path',
  title: 'Copy path',
  keys: ['Mod+C'],
  appleKeys: ['Alt+Meta+C'],
  keysIn: 'files',
  when: (desk) => activeFiles(desk) !== undefined,
  run(desk) {
    const paths = chosenPaths(desk)
    const plain = paths.every((path) => !/[\p{Cc}\p{Cs}]/u.test(path))
    const text = plain ? paths.join('\n') : paths.map(shellQuote).join(' ')
    const what = paths.length === 1 ? 'the path' : `${paths.length} paths`
    return copyText(desk, text, plain ? what : `${what}, quoted for a shell since they are no plain text`)
  },
}
