import { shellQuote } from '../../shared/shellQuote.ts'
import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import { openShell } from './openShell.ts'
import { opens } from './opens.ts'

/** Opens a further shell on the host of the files, on its connection where that is open, which begins in the chosen directory or else in the one that is shown. */
export const openTerminalHere: Command = {
  id: 'open-terminal-here',
  title: 'Open a terminal here',
  when: (desk) => activeFiles(desk) !== undefined,
  async run(desk) {
    const { tab, directory, chosen = [] } = activeFiles(desk) ?? {}
    if (!tab || !directory) return
    const [only] = chosen
    const path = chosen.length === 1 && only?.type === 'directory' ? only.path : directory.path.peek()
    const opened = openShell(desk, tab)
    if (await opens(opened)) opened.session.input(`cd -- ${shellQuote(path)}\r`)
  },
}
