import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Keeps a recent host, or that of the active tab, among the saved ones. */
export const saveHost: Command<string> = {
  id: 'save-host',
  title: 'Save host',
  when: (desk) => {
    const host = desk.app.hosts.get(activeTab(desk)?.record.value.hostId)
    return host !== undefined && !host.saved
  },
  async run(desk, id = activeTab(desk)?.record.peek().hostId) {
    const host = id === undefined ? undefined : await desk.app.hosts.save(id)
    if (host) desk.view.say(`Saved ${host.label}`)
  },
}
