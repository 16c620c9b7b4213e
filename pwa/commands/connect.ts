import type { Target } from '../../shared/target.ts'
import type { Command } from './command.ts'

/** Opens a host in a new tab. */
export const connect: Command<{ target: Target; endpointId: string; hostId?: string; label?: string }> = {
  id: 'connect',
  title: 'Connect',
  needsArgument: true,
  run({ app, view }, to) {
    if (!to) return
    const { target, ...options } = to
    app.tabs.open(target, options)
    view.homeText.value = ''
  },
}
