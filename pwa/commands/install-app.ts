import type { Command } from './command.ts'

/** Installs the app on this device. */
export const installApp: Command = {
  id: 'install-app',
  title: 'Install the app',
  when: ({ view }) => view.install.value !== undefined,
  async run({ view }) {
    const offer = view.install.peek()
    view.install.value = undefined
    await offer?.prompt()
  },
}
