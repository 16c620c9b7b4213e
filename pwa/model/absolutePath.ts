import { joinPath } from '../../shared/fileInfo.ts'
import type { Sftp } from './sftp.ts'

/** A path as a person writes it, from the root on: `~`, `~/site` and what is relative begin at the home directory. Rejects with `Failed`. */
export async function absolutePath(sftp: Sftp, path: string): Promise<string> {
  if (path.startsWith('/')) return path
  const home = sftp.info.peek()?.home ?? (await sftp.ask('sftp-realpath', { path: '.' })).path
  const below = path.replace(/^~(?=\/|$)\/?/, '').replace(/^\.(?=\/|$)\/?/, '')
  return below === '' ? home : joinPath(home, below)
}
