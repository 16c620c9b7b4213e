import type { FileInfo } from '../../../shared/fileInfo.ts'
import type { ClientPayload } from '../../../shared/protocol.ts'
import type { Sftp } from '../sftp.ts'
import { atOnce } from './atOnce.ts'
import { failureOfFile } from './fileFailure.ts'
import { Levels } from './levels.ts'
import type { Progress } from './removeTree.ts'
import { type TreeEntry, walk } from './walk.ts'

/** Requests on their way side by side. */
const MOST = 16

type Attributes = ClientPayload<'sftp-setstat'>['attributes']

/** What is to be changed of a file: nothing where undefined. `link` changes a link itself, else links point the way. */
export type Change = (info: FileInfo) => { attributes: Attributes; link?: boolean } | undefined

/** Whether the owner may look into a directory of this mode. */
function open(mode: number | undefined): boolean {
  return mode === undefined || (mode & 0o500) === 0o500
}

/**
 * Changes attributes of a file, and with `below` of all that is in a directory. One that is opened by it is changed before it is
 * read, one that is shut by it after what is in it. After an abort it ends early. Rejects with `Failed` where it is not about
 * a single file.
 */
export async function changeTree(
  sftp: Pick<Sftp, 'ask' | 'list'>,
  file: FileInfo,
  change: Change,
  below: boolean,
  { signal, done, problem }: Progress,
): Promise<void> {
  const one = async (info: FileInfo) => {
    const what = change(info)
    try {
      if (what) {
        const { attributes, link } = what
        await sftp.ask('sftp-setstat', { path: info.path, attributes, ...(link && { follow: false }) })
      }
    } catch (error) {
      const failure = failureOfFile(error)
      if (!failure) throw error
      return problem({ path: info.path, failure })
    }
    done(info)
  }
  if (file.type !== 'directory' || !below) return one(file)
  const opens = (info: FileInfo) => open(change(info)?.attributes.mode)
  if (opens(file)) await one(file)
  const shut = new Levels()
  const enter = async ({ info, relative }: TreeEntry) => {
    if (opens(info)) await one(info)
    else shut.add(relative.length, info)
  }
  const tree = walk(sftp, file.path, signal, (path, failure) => problem({ path, failure }), enter)
  const files = async function* () {
    for await (const { info } of tree) if (info.type !== 'directory') yield info
  }
  await atOnce(files(), MOST, one, signal)
  for (const level of shut.upwards()) if (!signal?.aborted) await atOnce(level, MOST, one, signal)
  if (!opens(file) && !signal?.aborted) await one(file)
}
