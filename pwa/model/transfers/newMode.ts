import { joinPath } from '../../../shared/fileInfo.ts'
import { failedWith } from '../files/fileFailure.ts'
import { passes } from './backOff.ts'
import { type Files, removeIfThere } from './remote.ts'

/** Where the server does not let that be seen. */
const USUAL = 0o644

/** The empty file of a transfer by which the permissions of new files are seen. Pure. */
export function probePath(directory: string, random: string): string {
  return joinPath(directory, `.fairlead.${random}.part`)
}

/**
 * The permissions that a new file gets: those that the server's mask leaves of 0666. An empty file is made and removed again to
 * see them, since an unfinished file is nobody else's to read, and so does not show them. Rejects with `Failed` where the way is
 * lost; what the file has left then is removed at the next call.
 * @param directories where it may be made, the first that can be written into
 * @param random part of its name, letters and digits
 */
export async function newMode(sftp: Files, directories: ReadonlySet<string>, random: string): Promise<number> {
  for (const directory of directories) {
    const path = probePath(directory, random)
    try {
      const handle = await openProbe(sftp, path)
      const { attributes } = await sftp.ask('sftp-fstat', { handle })
      await sftp.ask('sftp-close', { handle })
      await removeIfThere(sftp, path)
      return (attributes.mode ?? USUAL) & 0o666
    } catch (error) {
      if (passes(error)) throw error
      // What stands in the way will stand in the way of the file itself, and is told there.
    }
  }
  return USUAL
}

async function openProbe(sftp: Files, path: string): Promise<number> {
  const fresh = { path, write: true, create: true, exclusive: true, mode: 0o666 }
  try {
    return (await sftp.ask('sftp-open', fresh)).handle
  } catch (error) {
    // What a former try has left, perhaps; else it fails again.
    if (!failedWith(error, 'file-exists', 'sftp-failure')) throw error
    await removeIfThere(sftp, path)
    return (await sftp.ask('sftp-open', fresh)).handle
  }
}
