import { linksFollowed } from '../model/out/linksFollowed.ts'
import type { Command } from './command.ts'
import { loadWays, outgoing, outOf, zipOf } from './outgoing.ts'

/** Downloads what is chosen as one zip, through the browser's own downloads. */
export const downloadZip: Command = {
  id: 'download-zip',
  title: 'Download as zip',
  when: (desk) => outgoing(desk) !== undefined,
  async run(desk) {
    const chosen = outgoing(desk)
    if (!chosen) return
    const [{ browserGoal }, files] = await Promise.all([loadWays(), linksFollowed(chosen.tab.sftp, chosen.files)])
    const out = outOf(files)
    const zip = out.as === 'zip' ? out : zipOf(files[0]?.name ?? '')
    await desk.app.transfers.download(chosen.tab, files, browserGoal(zip, desk.app.platform.streams))
  },
}
