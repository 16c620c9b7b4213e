import type { FileInfo } from '../../shared/fileInfo.ts'
import type { Change } from '../model/files/changeTree.ts'
import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Who is to own files; what is undefined stays. */
interface NewOwner {
  tabId: string
  files: readonly FileInfo[]
  uid: number | undefined
  gid: number | undefined
  /** Also all that is in the directories. */
  below: boolean
}

/** Changes owner and group of the chosen files; without an argument it asks for them. */
export const changeOwner: Command<NewOwner> = {
  id: 'change-owner',
  title: 'Change owner',
  when: (desk) => Boolean(activeFiles(desk)?.chosen.some(({ uid }) => uid !== undefined)),
  async run(desk, what) {
    const { app, view } = desk
    if (!what) {
      const { tab, chosen } = activeFiles(desk) ?? {}
      const files = chosen?.filter(({ uid }) => uid !== undefined)
      if (tab && files?.length) {
        view.sheet.value = { kind: 'files', dialog: { kind: 'owner', tabId: tab.id, files } }
      }
      return
    }
    const { tabId, files, below } = what
    const tab = app.tabs.get(tabId)
    if (!tab) return
    const [{ changeFiles }, { hasExtension }] = await Promise.all([
      import('./changeFiles.ts'),
      import('../model/files/links.ts'),
    ])
    const links = hasExtension(tab.sftp, 'lsetstat@openssh.com')
    const change: Change = (info) => {
      const { uid = info.uid, gid = info.gid } = what
      // Without a way to change a link itself, what it points to must not change instead.
      if (uid === undefined || gid === undefined || (info.type === 'symlink' && !links)) return undefined
      if (uid === info.uid && gid === info.gid) return undefined
      return { attributes: { uid, gid }, link: info.type === 'symlink' }
    }
    await changeFiles(desk, tab, { files, change, below, what: 'the owner' })
  },
}
