import { activeFiles } from './activeFiles.ts'
import type { Command } from './command.ts'

/** Ends the reading of a long directory; what has come stays. */
export const stopReading: Command = {
  id: 'stop-reading',
  title: 'Stop reading the folder',
  when: (desk) => activeFiles(desk)?.directory.state.value === 'loading',
  run: (desk) => activeFiles(desk)?.directory.stop(),
}
