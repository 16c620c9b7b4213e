import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'
import { report } from './report.ts'

/** Copies what went wrong, for whoever is to help; it holds no secret. */
export const copyReport: Command<string> = {
  id: 'copy-report',
  title: 'Copy report',
  when: (desk) => activeTab(desk)?.session.failure.value !== undefined,
  async run(desk, id) {
    const tab = id === undefined ? activeTab(desk) : desk.app.tabs.get(id)
    if (!tab) return
    await navigator.clipboard.writeText(report(tab, desk.app.endpoints.view(tab.record.peek().endpointId)))
    desk.view.say('Copied the report')
  },
}
