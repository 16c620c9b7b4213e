import { joinPath } from '../../shared/fileInfo.ts'
import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import { filesChanged } from './filesChanged.ts'

/** A link that is to be: `target` is what it says, or for a hard one the path of the file. */
interface NewLink {
  tabId: string
  directory: string
  name: string
  target: string
  link: 'symbolic' | 'hard'
}

/** Makes a link to the chosen file; without an argument it asks for name and kind. */
export const newLink: Command<NewLink> = {
  id: 'new-link',
  title: 'New link',
  when: (desk) => activeFiles(desk) !== undefined,
  async run(desk, what) {
    const { app, view } = desk
    if (!what) {
      const { tab, directory, chosen = [] } = activeFiles(desk) ?? {}
      if (!tab || !directory) return
      const file = chosen.length === 1 ? chosen[0] : undefined
      const dialog = { kind: 'new-link', tabId: tab.id, directory: directory.path.peek(), file } as const
      view.sheet.value = { kind: 'files', dialog }
      return
    }
    const tab = app.tabs.get(what.tabId)
    if (!tab) return
    const { makeLink } = await import('../model/files/make.ts')
    await makeLink(tab.sftp, what.link, joinPath(what.directory, what.name), what.target)
    await filesChanged(desk, tab, [what.directory], [what.name])
  },
}
