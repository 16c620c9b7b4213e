import { linksFollowed } from '../model/out/linksFollowed.ts'
import type { Command } from './command.ts'
import { loadWays, outgoing } from './outgoing.ts'
import { canPickFolder, pickSaveFolder } from './saveHandle.ts'

/** Saves what is chosen into a folder of this device, folders as folders; it goes on after a reload. */
export const saveToFolder: Command = {
  id: 'save-to-folder',
  title: 'Save to a folder',
  when: (desk) => canPickFolder() && outgoing(desk) !== undefined,
  async run(desk) {
    const chosen = outgoing(desk)
    // Browsers let pages ask only shortly after the click.
    const folder = chosen && (await pickSaveFolder())
    if (!folder) return
    const [{ handleGoal }, files] = await Promise.all([loadWays(), linksFollowed(chosen.tab.sftp, chosen.files)])
    await desk.app.transfers.download(chosen.tab, files, handleGoal(folder))
  },
}
