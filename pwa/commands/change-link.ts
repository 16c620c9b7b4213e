import { parentPath } from '../../shared/fileInfo.ts'
import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import { filesChanged } from './filesChanged.ts'

/** Lets the chosen symbolic link point elsewhere; without an argument it asks where to. */
export const changeLink: Command<{ tabId: string; path: string; target: string }> = {
  id: 'change-link',
  title: 'Change where the link points',
  when: (desk) => {
    const chosen = activeFiles(desk)?.chosen
    return chosen?.length === 1 && chosen[0]?.type === 'symlink'
  },
  async run(desk, what) {
    const { app, view } = desk
    const [{ changeLink: change }, { targetOf }] = await Promise.all([
      import('../model/files/links.ts'),
      import('../model/files/properties.ts'),
    ])
    if (!what) {
      const { tab, chosen } = activeFiles(desk) ?? {}
      const file = chosen?.[0]
      if (!tab || !file) return
      const target = file.target ?? (await targetOf(tab.sftp, file.path))
      const dialog = { kind: 'change-link', tabId: tab.id, file: { ...file, target } } as const
      view.sheet.value = { kind: 'files', dialog }
      return
    }
    const { tabId, path, target } = what
    const tab = app.tabs.get(tabId)
    if (!tab) return
    const before = await targetOf(tab.sftp, path)
    await change(tab.sftp, path, target)
    const shown = () => filesChanged(desk, tab, [parentPath(path)], [path.slice(path.lastIndexOf('/') + 1)])
    await shown()
    view.say('Changed where the link points', 'done', async () => {
      await change(tab.sftp, path, before)
      await shown()
    })
  },
}
