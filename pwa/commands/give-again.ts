import type { Command } from './command.ts'
import { pickFiles } from './pickFiles.ts'

/** Gives a transfer its files again, which a reload has taken from it: it goes on where it was. */
export const giveAgain: Command<{ id: string; what: 'files' | 'folder' }> = {
  id: 'give-again',
  title: 'Choose the files again',
  needsArgument: true,
  async run({ app }, argument) {
    const taken = argument && (await pickFiles(argument.what))
    if (taken) await app.transfers.needsFile(argument.id, taken.sources)
  },
}
