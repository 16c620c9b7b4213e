import type { Command } from './command.ts'
import { publicLine } from './publicLine.ts'
import { saveFile } from './saveFile.ts'

/** Saves the line of a key for `authorized_keys` as a `.pub` file. */
export const downloadPublicKey: Command<string> = {
  id: 'download-public-key',
  title: 'Download public key',
  needsArgument: true,
  run({ app }, id) {
    const identity = app.identities.get(id)
    const line = publicLine(identity)
    if (!identity || line === undefined) return
    saveFile(`${identity.label.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 60)}.pub`, 'text/plain', `${line}\n`)
  },
}
