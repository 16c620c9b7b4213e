import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { type FileInfo, parentPath } from '../../../../shared/fileInfo.ts'
import type { FileDialog } from '../../../commands/fileDialog.ts'
import { countWords, filesText } from '../../../commands/fileWords.ts'
import { isRegular } from '../../../model/files/lstat.ts'
import { type Space, spaceOf, targetOf } from '../../../model/files/properties.ts'
import type { TabView } from '../../../model/tabs.ts'
import { useDesk } from '../../desk.ts'
import { countText, sizeText, wholeDateText } from '../../format.ts'
import { Button } from '../../kit/Button.tsx'
import { Dialog } from '../../kit/Dialog.tsx'
import { useCoarse } from '../../media.ts'
import { FileName } from '../FileName.tsx'
import { HashFact } from './HashFact.tsx'
import { useTreeCount } from './useTreeCount.ts'

/** All that can be known of a file, or of several together, and the ways to change it. */
export function PropertiesDialog({ tab, files, close }: { tab: TabView; files: readonly FileInfo[]; close(): void }) {
  const { view } = useDesk()
  const coarse = useCoarse()
  const [only] = files.length === 1 ? files : []
  const show = (kind: 'mode' | 'owner' | 'times', of: readonly FileInfo[]) => {
    const dialog: FileDialog = { kind, tabId: tab.id, files: of }
    view.sheet.value = { kind: 'files', dialog }
  }
  const change = (text: string, kind: Parameters<typeof show>[0], of: readonly FileInfo[]) =>
    of.length > 0 && (
      <Button kind="bare" onClick={() => show(kind, of)}>
        {text}
      </Button>
    )
  return (
    <Dialog
      title={`Properties of ${filesText(files)}`}
      onClose={close}
      onSubmit={close}
      actions={
        <>
          {change(
            'Permissions…',
            'mode',
            files.filter(({ type }) => type !== 'symlink'),
          )}
          {change(
            'Owner…',
            'owner',
            files.filter(({ uid }) => uid !== undefined),
          )}
          {change('Times…', 'times', files)}
          <span class="rest" />
          <Button kind="primary" type="submit" autofocus={!coarse}>
            Done
          </Button>
        </>
      }
    >
      {/* Where it is longer than the window, it begins at its beginning. */}
      <dl class="file-facts" tabIndex={-1} autofocus={coarse}>
        {only && <OneFile tab={tab} file={only} />}
        <TreeSize tab={tab} files={files} />
        {only && <Times file={only} />}
        <FreeSpace tab={tab} path={only?.type === 'directory' ? only.path : parentPath(files[0]?.path ?? '/')} />
        {only && isRegular(only) && <HashFact tab={tab} path={only.path} />}
      </dl>
    </Dialog>
  )
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function OneFile({ tab, file }: { tab: TabView; file: FileInfo }) {
  const { mode, permissions, owner, group, uid, gid } = file
  const numbered = (name: string, number: number | undefined) =>
    number === undefined || name === String(number) ? name : `${name} (${number})`
  return (
    <>
      <Fact name="Path">
        <span class="mono">
          <FileName name={file.path} />
        </span>
      </Fact>
      <Fact name="Kind">{kindOf(file)}</Fact>
      {file.type === 'symlink' && <LinkTarget tab={tab} file={file} />}
      <Fact name="Permissions">
        <span class="mono">{permissions.slice(1)}</span>
        {mode !== undefined && <span class="mono muted">{(mode & 0o7777).toString(8).padStart(4, '0')}</span>}
      </Fact>
      <Fact name="Owner">
        <FileName name={numbered(owner, uid)} />
      </Fact>
      <Fact name="Group">
        <FileName name={numbered(group, gid)} />
      </Fact>
    </>
  )
}

/** By the letter that begins what `ls -l` shows. */
const kinds: Record<string, string> = {
  d: 'Folder',
  l: 'Symbolic link',
  p: 'Named pipe',
  s: 'Socket',
  b: 'Block device',
  c: 'Character device',
}

function kindOf({ permissions, name }: FileInfo): string {
  const kind = kinds[permissions.charAt(0)]
  if (kind) return kind
  const ending = /.\.([A-Za-z0-9]{1,12})$/.exec(name)?.[1]
  return ending ? `File, .${ending.toLowerCase()}` : 'File'
}

function LinkTarget({ tab, file }: { tab: TabView; file: FileInfo }) {
  const desk = useDesk()
  const [target, know] = useState(file.target)
  useEffect(() => {
    if (target === undefined) targetOf(tab.sftp, file.path).then(know, (error) => desk.view.fail(error))
  }, [])
  return <Fact name="Points to">{target !== undefined && <FileName name={target} />}</Fact>
}

function TreeSize({ tab, files }: { tab: TabView; files: readonly FileInfo[] }) {
  const { count, state, unread, failure, stop } = useTreeCount(tab, files)
  const [only] = files.length === 1 ? files : []
  const simple = only !== undefined && only.type !== 'directory'
  // The folder itself is not in itself.
  const inside = only?.type === 'directory' ? { ...count, directories: Math.max(0, count.directories - 1) } : count
  return (
    <Fact name={simple ? 'Size' : 'In all'}>
      <span aria-live="polite" aria-busy={state === 'counting'}>
        {state === 'counting' && !simple && 'Counting: '}
        {sizeText(simple ? only.size : count.bytes)}
        <span class="muted">
          {simple ? `${only.size.toLocaleString()} bytes` : countWords(inside)}
          {state === 'stopped' && ', not counted to the end'}
          {unread > 0 && `, ${countText(unread, 'folder')} could not be looked into`}
        </span>
      </span>
      {state === 'counting' && !simple && (
        <Button kind="bare" onClick={stop}>
          Stop
        </Button>
      )}
      {failure && <span class="file-problem">{failure.message}</span>}
    </Fact>
  )
}

function Times({ file: { modifiedAt, atime } }: { file: FileInfo }) {
  return (
    <>
      <Fact name="Changed">{wholeDateText(modifiedAt)}</Fact>
      {atime !== undefined && <Fact name="Read last">{wholeDateText(new Date(atime * 1000))}</Fact>}
    </>
  )
}

function FreeSpace({ tab, path }: { tab: TabView; path: string }) {
  const desk = useDesk()
  const [space, know] = useState<Space>()
  useEffect(() => {
    spaceOf(tab.sftp, path).then(know, (error) => desk.view.fail(error))
  }, [])
  if (!space) return null
  return (
    <Fact name="Free there">
      {sizeText(space.available)}
      <span class="muted">
        of {sizeText(space.total)}
        {space.readOnly && ', can only be read'}
      </span>
    </Fact>
  )
}
