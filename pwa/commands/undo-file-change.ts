import type { Command } from './command.ts'

/** Takes back what was done last to files, such as a rename, for a minute after it. */
export const undoFileChange: Command = {
  id: 'undo-file-change',
  title: 'Undo the last change to files',
  keys: ['Ctrl+Z'],
  appleKeys: ['Meta+Z'],
  keysIn: 'files',
  when: ({ view }) => view.undo.value !== undefined,
  async run({ view }) {
    const undo = view.undo.peek()
    if (!undo) return
    view.forgetUndo(undo)
    await undo()
    view.say('Undone')
  },
}
