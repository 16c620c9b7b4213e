import type { Conflict, Merge } from '../model/knownHostsMerge.ts'
import type { Command } from './command.ts'

/** Takes in what a file says of hosts, and of the keys that differ those that were chosen. */
export const mergeKnownHosts: Command<{ merge: Merge; replace: ReadonlySet<Conflict> }> = {
  id: 'merge-known-hosts',
  title: 'Take in known hosts',
  needsArgument: true,
  async run({ app, view }, read) {
    if (!read) return
    const { merge, replace } = read
    await app.knownHosts.merge(merge, replace)
    view.sheet.value = { kind: 'known-hosts' }
    const count = merge.added.length + replace.size
    view.say(`${count.toLocaleString()} ${count === 1 ? 'key was' : 'keys were'} taken in`)
  },
}
