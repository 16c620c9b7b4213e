import { joinPath } from '../../shared/fileInfo.ts'
import { shellQuote } from '../../shared/shellQuote.ts'
import { absolutePath } from '../model/absolutePath.ts'
import type { Taken } from '../model/transfers/taken.ts'
import type { Command } from './command.ts'
import { uploadPlace } from './uploadPlace.ts'

/** Uploads what was given, to a directory of a tab's host. */
export const uploadSources: Command<{
  tabId: string
  taken: Taken
  /** The directory; without it that of the tab. */
  path?: string | undefined
  /** Whether the paths are typed into the tab's terminal, which does not run them. */
  type?: boolean
}> = {
  id: 'upload-sources',
  title: 'Upload',
  needsArgument: true,
  async run(desk, argument) {
    const tab = desk.app.tabs.get(argument?.tabId)
    if (!tab || !argument) return
    const { taken, type } = argument
    const directory = await absolutePath(tab.sftp, argument.path ?? uploadPlace(desk, tab))
    const screen = tab.session.screen.peek()
    if (type && screen) {
      screen.type(`${taken.names.map((name) => shellQuote(joinPath(directory, name))).join(' ')} `)
      screen.focus()
    }
    await desk.app.transfers.upload(tab, directory, taken.sources)
  },
}
