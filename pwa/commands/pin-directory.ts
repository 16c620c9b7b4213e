import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'
import type { Desk } from './desk.ts'

/** Directories that one host can have pinned. */
const most = 64

function pinned(desk: Desk): boolean {
  const files = activeFiles(desk)
  return files !== undefined && desk.view.places(files.tab).includes(files.directory.path.value)
}

/** Keeps the directory that is shown among the places of its host, or takes it out of them. */
export const pinDirectory: Command = {
  id: 'pin-directory',
  title: (desk) => (pinned(desk) ? 'Unpin this folder' : 'Pin this folder'),
  when: (desk) => desk.app.hosts.get(activeFiles(desk)?.tab.record.value.hostId) !== undefined,
  async run(desk) {
    const files = activeFiles(desk)
    const hostId = files?.tab.record.peek().hostId
    if (!files || hostId === undefined) return
    const path = files.directory.path.peek()
    const out = pinned(desk)
    await desk.app.hosts.edit(hostId, (host) => {
      const others = (host.places ?? []).filter((place) => place !== path)
      return { ...host, places: out ? others : [...others, path].slice(-most) }
    })
    desk.view.say(out ? 'The folder is not pinned any more' : 'The folder is pinned')
  },
}
