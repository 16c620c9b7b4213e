import type { Command } from './command.ts'
import { publicLine } from './publicLine.ts'

/** Copies the line of a key for `authorized_keys`. */
export const copyPublicKey: Command<string> = {
  id: 'copy-public-key',
  title: 'Copy public key',
  needsArgument: true,
  async run({ app, view }, id) {
    const line = publicLine(app.identities.get(id))
    if (line === undefined) return
    await navigator.clipboard.writeText(`${line}\n`)
    view.say('Copied the public key')
  },
}
