import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Changes name, address or relay of a host. */
export const editHost: Command<string> = {
  id: 'edit-host',
  title: 'Edit host',
  when: (desk) => desk.app.hosts.get(activeTab(desk)?.record.value.hostId) !== undefined,
  run(desk, hostId = activeTab(desk)?.record.peek().hostId) {
    if (hostId !== undefined) desk.view.sheet.value = { kind: 'edit-host', hostId }
  },
}
