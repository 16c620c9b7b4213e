import { Failed } from '../model/failure.ts'
import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'
import { publicLine } from './publicLine.ts'

/** Puts a key's public half into the account that the active tab is logged in to, as ssh-copy-id does; without an argument it asks which. */
export const installKey: Command<{ tabId: string; identityId: string }> = {
  id: 'install-key',
  title: 'Install a key on this host',
  when: (desk) => activeTab(desk)?.session.state.value === 'open',
  async run(desk, what) {
    const { app, view } = desk
    const tab = what ? app.tabs.get(what.tabId) : activeTab(desk)
    if (!tab) return
    if (!what) {
      view.sheet.value = { kind: 'install-key', tabId: tab.id }
      return
    }
    const line = publicLine(app.identities.get(what.identityId))
    if (line === undefined) return
    const { installCommand, installOutcome } = await import('../model/keys/installCommand.ts')
    const { output } = await tab.session.run(installCommand(line)).catch((cause: unknown) => {
      throw cause instanceof Failed ? new Failed('install-failed', cause) : cause
    })
    const outcome = installOutcome(output)
    if (!outcome) throw new Failed('install-failed')
    view.sheet.value = { kind: 'install-key', tabId: tab.id, done: { identityId: what.identityId, outcome } }
  },
}
