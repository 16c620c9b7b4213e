import type { Command } from './command.ts'

/** Removes a host from this browser. */
export const forgetHost: Command<string> = {
  id: 'forget-host',
  title: 'Forget host',
  needsArgument: true,
  async run({ app, view }, id) {
    const host = app.hosts.get(id)
    if (!host) return
    await app.hosts.forget(host.id)
    view.say(`Forgot ${host.label}`)
  },
}
