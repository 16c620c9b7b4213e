import type { KeyKind } from '../model/keys/makeKey.ts'
import type { Command } from './command.ts'

/** Makes an SSH key in this browser; without an argument it asks which. */
export const makeKey: Command<{ kind: KeyKind | 'passkey'; label: string; keep: 'device' | 'vault' }> = {
  id: 'make-key',
  title: 'New SSH key',
  when: ({ app }) => app.secure,
  async run({ app, view }, wanted) {
    if (!wanted) {
      view.sheet.value = { kind: 'make-key' }
      return
    }
    const { kind, keep } = wanted
    const { identities } = app
    const made = kind === 'passkey' ? identities.makePasskey(wanted.label) : identities.make(kind, wanted.label, keep)
    const { id, label } = await made
    view.say(`Made the key ${label}`)
    view.sheet.value = { kind: 'identity', identityId: id }
  },
}
