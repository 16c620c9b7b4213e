import { shellQuote } from '../../shared/shellQuote.ts'
import { activeFiles } from './activeFiles.ts'
import { chosenPaths } from './chosenPaths.ts'
import type { Command } from './command.ts'
import { copyText } from './copyText.ts'

/** Copies the paths of the chosen files as words for a shell. */
export const copyQuotedPath: Command = {
  id: 'copy-quoted-path',
  title: 'Copy path for a shell',
  when: (desk) => activeFiles(desk) !== undefined,
  run(desk) {
    const paths = chosenPaths(desk)
    const what = paths.length === 1 ? 'the path' : `${paths.length} paths`
    return copyText(desk, paths.map(shellQuote).join(' '), `${what}, quoted for a shell`)
  },
}
