import type { Command } from './command.ts'
import { saveFile } from './saveFile.ts'

/** Saves the known hosts as a file that OpenSSH reads. */
export const exportKnownHosts: Command = {
  id: 'export-known-hosts',
  title: 'Export known hosts',
  when: ({ app }) => app.knownHosts.list.value.length > 0,
  async run({ app }) {
    const { writeKnownHosts } = await import('../model/knownHostsFile.ts')
    const label = (endpointId: string) => app.endpoints.view(endpointId)?.label ?? 'that was forgotten'
    saveFile('known_hosts', 'text/plain', writeKnownHosts(app.knownHosts.list.peek(), label))
  },
}
