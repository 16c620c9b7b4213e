import { shellQuote } from '../../shared/shellQuote.ts'
import { activeFiles } from './activeFiles.ts'
import { chosenPaths } from './chosenPaths.ts'
import type { Command } from './command.ts'
import { showTerminal } from './show-terminal.ts'

/** Types the paths of the chosen files into the terminal beside them, as words for a shell. */
export const typePath: Command = {
  id: 'type-path',
  title: 'Type path into the terminal',
  when: (desk) => activeFiles(desk)?.tab.session.state.value === 'open',
  async run(desk) {
    const { tab } = activeFiles(desk) ?? {}
    if (!tab) return
    tab.session.input(`${chosenPaths(desk).map(shellQuote).join(' ')} `)
    if (desk.app.tabs.active.peek() !== tab.id) desk.app.tabs.activate(tab.id)
    await desk.run(showTerminal)
  },
}
