import { linksFollowed } from '../model/out/linksFollowed.ts'
import type { Command } from './command.ts'
import { loadWays, outgoing, outOf } from './outgoing.ts'
import { saveToFolder } from './save-to-folder.ts'
import { canPickFolder } from './saveHandle.ts'

/** Downloads what is chosen: one file as the browser downloads, more into a folder where there can be one, else as a zip. */
export const downloadFiles: Command = {
  id: 'download-files',
  title: 'Download',
  keys: ['Ctrl+S'],
  appleKeys: ['Meta+S'],
  keysIn: 'files',
  when: (desk) => outgoing(desk) !== undefined,
  async run(desk) {
    const chosen = outgoing(desk)
    if (!chosen) return
    const [{ browserGoal }, files] = await Promise.all([loadWays(), linksFollowed(chosen.tab.sftp, chosen.files)])
    const out = outOf(files)
    if (out.as === 'zip' && canPickFolder()) await saveToFolder.run(desk)
    else await desk.app.transfers.download(chosen.tab, files, browserGoal(out, desk.app.platform.streams))
  },
}
