import type { WatchedFile } from '../model/preview/watchedFile.ts'
import type { Command } from './command.ts'

/** Uploads changes of a file in a program of this device no more; the copy there stays. */
export const stopWatching: Command<WatchedFile> = {
  id: 'stop-watching',
  title: 'Watch a file no more',
  needsArgument: true,
  run({ view }, file) {
    if (!file) return
    file.stop()
    view.watched.value = view.watched.peek().filter((one) => one !== file)
  },
}
