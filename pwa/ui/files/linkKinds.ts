import { useEffect, useMemo } from 'preact/hooks'
import type { FileInfo } from '../../../shared/fileInfo.ts'
import { type LeadsTo, LinkTargets } from '../../model/linkTargets.ts'
import type { Sftp } from '../../model/sftp.ts'

/** Milliseconds that the list stands still before the links in sight are asked about. */
const rest = 150

/** What the links in sight lead to, by their paths; a reading of the directory asks anew. */
export function useLinkKinds(
  sftp: Sftp,
  readings: number,
  inSight: readonly (FileInfo | undefined)[],
): ReadonlyMap<string, LeadsTo> {
  const targets = useMemo(() => new LinkTargets(sftp), [sftp, readings])
  const paths = inSight.flatMap((file) => (file?.type === 'symlink' ? [file.path] : []))
  useEffect(() => () => targets.close(), [targets])
  useEffect(() => {
    const timer = setTimeout(() => targets.look(paths), rest)
    return () => clearTimeout(timer)
  }, [targets, paths.join('\0')])
  return targets.known.value
}
