import type { Command } from './command.ts'

/** Keeps a password in the vault; without an argument it asks which. */
export const addPassword: Command<{ label: string; username: string; password: string }> = {
  id: 'add-password',
  title: 'Keep a password',
  when: ({ app }) => app.secure && app.vault.state.value !== 'none',
  async run({ app, view }, given) {
    if (!given) {
      view.sheet.value = { kind: 'add-password' }
      return
    }
    const { label } = await app.identities.addPassword(given.label, given.username, given.password)
    view.say(`Kept the password ${label}`)
    view.sheet.value = { kind: 'identities' }
  },
}
