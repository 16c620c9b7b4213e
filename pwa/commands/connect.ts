import type { Target } from '../../shared/target.ts'
import type { OpenOptions } from '../model/tabs.ts'
import type { Command } from './command.ts'

/** Opens a host in a new tab. */
export const connect: Command<{ target: Target; endpointId: string } & OpenOptions> = {
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
