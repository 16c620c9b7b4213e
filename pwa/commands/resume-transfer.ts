import type { Command } from './command.ts'

/** Lets a transfer go on that was paused, or that the browser has to be asked for. */
export const resumeTransfer: Command<string> = {
  id: 'resume-transfer',
  title: 'Resume',
  needsArgument: true,
  async run({ app, view }, id) {
    if (id === undefined) return
    await app.transfers.resume(id)
    const refused = app.transfers.items.peek().some((item) => item.id === id && item.state === 'needs-file')
    if (refused) view.say('The browser did not allow it. Try again, or choose the files again.', 'failure')
  },
}
