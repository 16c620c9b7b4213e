import type { TabView } from '../model/tabs.ts'
import type { Command } from './command.ts'
import { logInWith } from './log-in-with.ts'
import { opens } from './opens.ts'

/** Keeps the password of a login that is on its way in the vault, for the host of its tab, once the login has succeeded. */
export const rememberPassword: Command<{ tab: TabView; username: string; password: string }> = {
  id: 'remember-password',
  title: 'Remember the password',
  needsArgument: true,
  async run(desk, given) {
    if (!given || !(await opens(given.tab))) return
    const { tab, username, password } = given
    const { hostId, label } = tab.record.peek()
    if (hostId === undefined) return
    const { id } = await desk.app.identities.addPassword(label, username, password)
    await desk.run(logInWith, { hostId, identityId: id })
  },
}
