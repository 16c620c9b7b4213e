import type { TabView } from '../model/tabs.ts'
import type { Command } from './command.ts'
import { opens } from './opens.ts'

/**
 * Lets a host log in with a key or password from now on; without an identity the person is asked. With `onceOpen` only once
 * the shell of that tab, which is on its way, is open.
 */
export const logInWith: Command<{ hostId: string; identityId: string | undefined; onceOpen?: TabView }> = {
  id: 'log-in-with',
  title: 'Log in with',
  needsArgument: true,
  async run({ app, view }, to) {
    if (!to || (to.onceOpen && !(await opens(to.onceOpen)))) return
    const { hostId, identityId } = to
    await app.hosts.edit(hostId, ({ identityId: _, ...old }) => ({
      ...old,
      ...(identityId !== undefined && { identityId }),
    }))
    const label = app.identities.get(identityId)?.label
    if (label !== undefined) view.say(`${app.hosts.get(hostId)?.label ?? 'The host'} logs in with ${label}`)
  },
}
