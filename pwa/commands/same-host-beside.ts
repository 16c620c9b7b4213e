import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'
import { filesBeside } from './files-beside.ts'

/** Opens a further tab on the files of the same host, and shows them beside. */
export const sameHostBeside: Command = {
  id: 'same-host-beside',
  title: 'Show another folder of this host beside',
  when: (desk) => activeTab(desk) !== undefined && desk.view.beside.value === undefined,
  async run(desk) {
    const tab = activeTab(desk)
    if (!tab) return
    const { endpointId, hostId, label, target } = tab.record.peek()
    const { command: _, path: __, ...place } = target
    const path = desk.view.directory(tab).path.peek()
    const other = desk.app.tabs.open(
      { ...place, scheme: 'sftp', ...(path.startsWith('/') && { path }) },
      { endpointId, label, ...(hostId !== undefined && { hostId }) },
    )
    desk.app.tabs.activate(tab.id)
    await desk.run(filesBeside, other.id)
  },
}
