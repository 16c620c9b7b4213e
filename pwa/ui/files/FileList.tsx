// biome-ignore-all lint/a11y/useSemanticElements: a grid of which only a part is drawn has no table's layout
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names the current row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid takes the keys
import { ArrowDown, ArrowUp, CornerDownRight, File, Folder } from 'lucide'
import { useEffect, useRef } from 'preact/hooks'
import type { FileInfo } from '../../../shared/fileInfo.ts'
import type { Directory } from '../../commands/directory.ts'
import type { Sort } from '../../store/schema.ts'
import { dateText, sizeText, wholeDateText } from '../format.ts'
import { Icon } from '../kit/Icon.tsx'
import { useRows } from './rows.ts'
import { useSeek } from './seek.ts'
import './FileList.css'

const columns = [
  { by: 'name', title: 'Name' },
  { by: 'size', title: 'Size' },
  { by: 'modified', title: 'Modified' },
  { by: 'mode', title: 'Mode' },
  { by: 'owner', title: 'Owner' },
] as const satisfies readonly { by: Sort['by']; title: string }[]

const icons = { directory: Folder, symlink: CornerDownRight, file: File }
const kinds = { directory: 'Directory', symlink: 'Link', file: 'File' }

/** The entries of a directory: a grid of which only what is in sight is drawn. */
export function FileList({
  directory,
  id,
  rowHeight,
  sortBy,
  open,
  up,
  leave,
}: {
  directory: Directory
  /** Prefix of the rows' ids, unique on the page. */
  id: string
  rowHeight: number
  sortBy(by: Sort['by']): void
  open(file: FileInfo): void
  up(): void
  leave(): void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const files = directory.shown.value
  const at = files.findIndex((file) => file.name === directory.current.value)
  const rows = useRows(scroller, files.length, rowHeight, rowHeight + 1)
  const seek = useSeek()
  const path = directory.path.value
  const sort = directory.sort.value
  const now = new Date()

  // Another directory or order begins at its current entry.
  useEffect(() => {
    if (files.length) rows.reveal(Math.max(0, at))
  }, [path, sort, files.length > 0])

  const go = (index: number) => {
    const file = files[Math.max(0, Math.min(files.length - 1, index))]
    if (!file) return
    directory.current.value = file.name
    rows.reveal(files.indexOf(file))
  }
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2)
  const moves: Record<string, () => void> = {
    ArrowDown: () => go(at + 1),
    ArrowUp: () => go(at < 0 ? 0 : at - 1),
    PageDown: () => go(at + page),
    PageUp: () => go(at - page),
    Home: () => go(0),
    End: () => go(files.length - 1),
    Enter: () => files[at] && open(files[at]),
    Backspace: up,
    Escape: leave,
  }
  const key = (event: KeyboardEvent) => {
    // The heads of the columns have keys of their own.
    if (event.target !== event.currentTarget) return
    if (event.key === 'ArrowUp' && (event.altKey || event.metaKey)) {
      event.preventDefault()
      up()
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const move = event.key === 'Backspace' && seek.text ? () => go(seek.shorten(files, at)) : moves[event.key]
    if (!move && event.key.length !== 1) return
    event.preventDefault()
    if (move) move()
    else go(seek.add(event.key, files, at))
  }
  return (
    <div
      ref={scroller}
      class="file-grid"
      role="grid"
      aria-label="Files"
      aria-rowcount={files.length + 1}
      aria-colcount={5}
      tabIndex={0}
      {...(at >= 0 && { 'aria-activedescendant': `${id}-${at}` })}
      onKeyDown={key}
    >
      <div class="file-row file-head" role="row" aria-rowindex={1}>
        {columns.map(({ by, title }) => (
          <span
            key={by}
            class={by}
            role="columnheader"
            tabIndex={-1}
            aria-sort={sort.by === by ? (sort.descending ? 'descending' : 'ascending') : 'none'}
          >
            <button type="button" onClick={() => sortBy(by)}>
              {title}
              {sort.by === by && <Icon of={sort.descending ? ArrowDown : ArrowUp} size={12} />}
            </button>
          </span>
        ))}
      </div>
      <div class="file-body" role="rowgroup" style={{ height: `${rows.total}px` }}>
        {rows.items.map((item) => {
          const file = files[item.index]
          return (
            file && (
              <Row
                key={item.key}
                id={`${id}-${item.index}`}
                index={item.index}
                top={item.start}
                file={file}
                current={item.index === at}
                now={now}
                choose={() => {
                  directory.current.value = file.name
                }}
                open={() => open(file)}
              />
            )
          )
        })}
      </div>
      {seek.text && (
        <output class="seek">
          Finding <b>{seek.text}</b>
        </output>
      )}
    </div>
  )
}

function Row(of: {
  id: string
  index: number
  top: number
  file: FileInfo
  current: boolean
  now: Date
  choose(): void
  open(): void
}) {
  const { file } = of
  return (
    <div
      id={of.id}
      class={`file-row ${file.type}`}
      role="row"
      aria-rowindex={of.index + 2}
      aria-selected={of.current}
      style={{ translate: `0 ${of.top}px` }}
      onClick={of.choose}
      onDblClick={of.open}
    >
      <span class="name" role="gridcell" title={file.name}>
        <Icon of={icons[file.type]} name={kinds[file.type]} size={15} />
        <bdi>{file.name}</bdi>
      </span>
      <span class="size" role="gridcell">
        {file.type === 'file' ? sizeText(file.size) : '–'}
      </span>
      <span class="modified" role="gridcell" title={wholeDateText(file.modifiedAt)}>
        {dateText(file.modifiedAt, of.now)}
      </span>
      <span class="mode" role="gridcell">
        {file.permissions.slice(1)}
      </span>
      <span class="owner" role="gridcell" title={`${file.owner} : ${file.group}`}>
        <bdi>{file.owner}</bdi>
      </span>
    </div>
  )
}
