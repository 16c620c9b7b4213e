import type { Command } from './command.ts'

/** Puts a certificate beside a key, or takes it away again. */
export const certifyKey: Command<{ id: string; line: string | undefined }> = {
  id: 'certify-key',
  title: 'Set certificate',
  needsArgument: true,
  async run({ app, view }, to) {
    if (!to) return
    await app.identities.certify(to.id, to.line)
    view.say(to.line === undefined ? 'Took the certificate away' : 'The certificate is kept with the key')
  },
}
