import type { Command } from './command.ts'
import { type FileOf, fileOf } from './viewing.ts'

/** Saves a copy on this device for another program, and uploads it whenever that program saves it. */
export const openLocally: Command<FileOf> = {
  id: 'open-locally',
  title: 'Open in a program of this device',
  when: (desk) => fileOf(desk) !== undefined,
  async run(desk, given) {
    const { view, app } = desk
    const of = fileOf(desk, given)
    const tab = app.tabs.get(of?.tabId)
    if (!of || !tab) return
    const { pickCopy, WatchedFile } = await import('../model/preview/watchedFile.ts')
    const handle = await pickCopy(of.file.name)
    if (!handle) return
    const watched = await WatchedFile.start(tab.sftp, of.file, tab.record.peek().label, handle)
    view.watched.value = [...view.watched.peek(), watched]
    view.sheet.value = { kind: 'watched-files' }
  },
}
