import { linksFollowed } from '../model/out/linksFollowed.ts'
import type { Command } from './command.ts'
import { loadWays, outgoing } from './outgoing.ts'
import { canPickFile, pickSaveFile } from './saveHandle.ts'

/** Saves one file where the person says; what has that name there is replaced when all has come. */
export const saveFileAs: Command = {
  id: 'save-file-as',
  title: 'Save as',
  keys: ['Ctrl+Shift+S'],
  appleKeys: ['Meta+Shift+S'],
  keysIn: 'files',
  when: (desk) => canPickFile() && outgoing(desk)?.files.length === 1 && outgoing(desk)?.files[0]?.type === 'file',
  async run(desk) {
    const chosen = outgoing(desk)
    if (!chosen) return
    const { handleGoal, suggestedName } = await loadWays()
    const handle = await pickSaveFile(suggestedName(chosen.files[0]?.name ?? ''))
    if (handle)
      await desk.app.transfers.download(
        chosen.tab,
        await linksFollowed(chosen.tab.sftp, chosen.files),
        handleGoal(handle),
      )
  },
}
