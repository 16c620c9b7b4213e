// biome-ignore-all lint/a11y/useSemanticElements: a grid of which only a part is drawn has no table's layout
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names the current row
import {
  CircleCheckBig,
  Circle as CircleIcon,
  Ellipsis,
  File,
  FileSymlink,
  FileX,
  Folder,
  FolderSymlink,
  type IconNode,
} from 'lucide'
import type { FileInfo } from '../../../shared/fileInfo.ts'
import { nameText } from '../../commands/fileWords.ts'
import type { LeadsTo } from '../../model/linkTargets.ts'
import { useDesk } from '../desk.ts'
import { dateText, sizeText, wholeDateText } from '../format.ts'
import { Icon } from '../kit/Icon.tsx'
import { lazy } from '../kit/Lazy.tsx'
import type { Column } from './columns.ts'
import { FileName } from './FileName.tsx'
import { fileDrop } from './fileDrop.ts'

const RenameFile = lazy(() => import('./RenameFile.tsx').then((module) => module.default))

/** What a row shows beside its file. */
export interface RowState {
  id: string
  index: number
  /** CSS pixels from the first row. */
  top: number
  tabId: string
  columns: readonly { by: Column }[]
  current: boolean
  selected: boolean
  /** Whether taps select: then each row shows whether it is. */
  selecting: boolean
  /** Waits to be moved. */
  cut: boolean
  /** What a link leads to, as far as is known. */
  leadsTo: LeadsTo | undefined
  /** Whether it can be dragged: not by fingers, which scroll. */
  draggable: boolean
  now: Date
}

/** One entry of the list. What is done with it, the grid hears. */
export function FileRow({ file, ...of }: RowState & { file: FileInfo }) {
  const renamed = useDesk().view.renamingFile.value
  const renaming = renamed?.path === file.path && renamed.tabId === of.tabId
  const directory = file.type === 'directory' || of.leadsTo === 'directory'
  const { icon, kind } = look(file, of.leadsTo)
  const kindOf = of.leadsTo === 'broken' ? 'broken' : directory ? 'directory' : file.type
  return (
    <div
      id={of.id}
      data-index={of.index}
      class={`file-row ${kindOf}${of.current ? ' current' : ''}${of.cut ? ' cut' : ''}`}
      role="row"
      aria-rowindex={of.index + 2}
      aria-selected={of.selected}
      draggable={of.draggable && of.selected && !renaming}
      style={{ translate: `0 ${of.top}px` }}
      {...(directory && fileDrop('folder', of.tabId, file.path))}
    >
      <span class="name" role="gridcell" title={nameText(file.name)}>
        {of.selecting ? (
          <Icon of={of.selected ? CircleCheckBig : CircleIcon} name={kind} size={18} />
        ) : (
          <Icon of={icon} name={kind} size={15} />
        )}
        {renaming ? (
          <RenameFile key={file.path} tabId={of.tabId} file={file} />
        ) : (
          <span class="file-label" draggable={of.draggable}>
            <FileName name={file.name} />
          </span>
        )}
        {file.type === 'symlink' && file.target !== undefined && (
          <span class="target" title={nameText(file.target)}>
            <span aria-hidden="true">→</span>
            <span class="quiet">leads to</span>
            <FileName name={file.target} />
          </span>
        )}
      </span>
      {of.columns.map(({ by }) => (
        <Cell key={by} by={by} file={file} now={of.now} />
      ))}
      <span class="more" role="gridcell">
        <button type="button" class="icon-button" tabIndex={-1} aria-label={`Actions for ${nameText(file.name)}`}>
          <Icon of={Ellipsis} />
        </button>
      </span>
    </div>
  )
}

function look(file: FileInfo, leadsTo: LeadsTo | undefined): { icon: IconNode; kind: string } {
  if (file.type === 'directory') return { icon: Folder, kind: 'Folder' }
  if (file.type === 'file') return { icon: File, kind: 'File' }
  if (leadsTo === 'directory') return { icon: FolderSymlink, kind: 'Link to a folder' }
  if (leadsTo === 'broken') return { icon: FileX, kind: 'Broken link' }
  return { icon: FileSymlink, kind: 'Link' }
}

function Cell({ by, file, now }: { by: Column; file: FileInfo; now: Date }) {
  switch (by) {
    case 'size':
      return (
        <span class="size" role="gridcell" {...(file.type === 'file' && { title: `${file.size.toLocaleString()} B` })}>
          {file.type === 'file' ? sizeText(file.size) : '–'}
        </span>
      )
    case 'modified':
      return <When at={file.modifiedAt} now={now} />
    case 'accessed':
      return <When at={file.atime === undefined ? undefined : new Date(file.atime * 1000)} now={now} />
    case 'mode':
      return (
        <span class="mode" role="gridcell">
          {file.permissions.slice(1)}
        </span>
      )
    default:
      return (
        <span role="gridcell" title={`${nameText(file.owner)} : ${nameText(file.group)}`}>
          <FileName name={file[by]} />
        </span>
      )
  }
}

function When({ at, now }: { at: Date | undefined; now: Date }) {
  return (
    <span role="gridcell" {...(at && { title: wholeDateText(at) })}>
      {at ? dateText(at, now) : '–'}
    </span>
  )
}
