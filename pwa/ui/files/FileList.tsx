// biome-ignore-all lint/a11y/useSemanticElements: a grid of which only a part is drawn has no table's layout
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid takes the keys
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { FileInfo } from '../../../shared/fileInfo.ts'
import { activeTab } from '../../commands/activeTab.ts'
import type { Directory } from '../../commands/directory.ts'
import { filterFiles } from '../../commands/filter-files.ts'
import { goUp } from '../../commands/go-up.ts'
import { openEntry } from '../../commands/open-entry.ts'
import { showTerminal } from '../../commands/show-terminal.ts'
import { sortFiles } from '../../commands/sort-files.ts'
import type { TabView } from '../../model/tabs.ts'
import type { Columns } from '../../store/schema.ts'
import { useDesk } from '../desk.ts'
import { useCoarse } from '../media.ts'
import { fitting, usualColumns } from './columns.ts'
import { dragOut } from './dragOut.ts'
import { useEms } from './ems.ts'
import { FileHead } from './FileHead.tsx'
import { FileRow } from './FileRow.tsx'
import { useLinkKinds } from './linkKinds.ts'
import { listKey } from './listKeys.ts'
import { useListPointer } from './listPointer.ts'
import { useRows } from './rows.ts'
import { seekKey, useSeek } from './seek.ts'
import './FileList.css'

/** Ems that margins and the button at the end of a row take. */
const aside = { fine: 5.2, coarse: 4.8 }

/** A point of the window, in CSS pixels. */
export interface Point {
  x: number
  y: number
}

/**
 * The entries of a directory: a grid of which only what is in sight is drawn. It holds the focus and hears pointers and keys
 * for all its rows.
 */
export function FileList({
  tab,
  directory,
  id,
  menu,
  children,
}: {
  tab: TabView
  directory: Directory
  /** Prefix of the rows' ids, unique on the page. */
  id: string
  /** Shows what can be done with what is chosen. */
  menu(at: Point): void
  /** What stands where there is no row. */
  children: ComponentChildren
}) {
  const desk = useDesk()
  const { view, app } = desk
  const scroller = useRef<HTMLDivElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const coarse = useCoarse()
  const rowHeight = coarse ? 44 : 29
  const head = rowHeight + 1
  const files = directory.shown.value
  const current = directory.current.value
  const selected = directory.selected.value
  const at = useMemo(() => files.findIndex((file) => file.name === current), [files, current])
  const rows = useRows(scroller, files.length, rowHeight, head)
  const seek = useSeek()
  const [dragged, drag] = useState<Columns>()
  const columns = dragged ?? tab.record.value.view.columns ?? usualColumns
  const room = useEms(scroller)
  const shown = useMemo(() => fitting(columns, room - aside[coarse ? 'coarse' : 'fine']), [columns, room, coarse])
  const inSight = rows.items.map((item) => files[item.index])
  const leadsTo = useLinkKinds(tab.sftp, directory.readings.value, inSight)
  const clipboard = view.fileClipboard.value
  const cut = clipboard?.how === 'move' && clipboard.tabId === tab.id ? clipboard.paths : undefined
  const [now, setNow] = useState(() => new Date())

  useEffect(() => setNow(new Date()), [files])
  const open = (file: FileInfo) => {
    directory.stand(file.name)
    void desk.run(openEntry, { tabId: tab.id, file })
  }
  const menuAtRow = () => {
    const row = document.getElementById(`${id}-${at}`) ?? scroller.current
    const { left = 0, bottom = 0 } = row?.getBoundingClientRect() ?? {}
    menu({ x: left + 40, y: bottom })
  }

  const { keyed, banding, ...hears } = useListPointer(directory, app.platform.apple, {
    open,
    menu,
    menuAtRow,
    drag: (event) => dragOut(event, tab, directory.chosen()),
    banded: () =>
      scroller.current && frame.current
        ? { scroller: scroller.current, frame: frame.current, rowHeight, head }
        : undefined,
  })

  // What becomes the current entry is brought into sight; another directory or order begins at its current one.
  useEffect(() => {
    if (!banding.current && files.length) rows.reveal(Math.max(0, at))
  }, [directory.path.value, directory.sort.value, directory.filter.value, current, at >= 0])

  const find = (to: number) => {
    const file = files[to]
    if (file) directory.select([file.name])
  }
  const key = (event: KeyboardEvent) => {
    keyed()
    // What stands in the list has keys of its own.
    if (event.target !== event.currentTarget || event.isComposing) return
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2)
    const act =
      seekKey(event, seek, files, at, find) ??
      listKey(event, directory, at, page, {
        open: () => files[at] && open(files[at]),
        up: () => void desk.run(goUp),
        // A tab of files alone has no terminal to go to.
        leave: () => activeTab(desk)?.record.peek().view.terminal && void desk.run(showTerminal),
        filter: () => void desk.run(filterFiles),
        menu: menuAtRow,
      })
    if (!act) return
    event.preventDefault()
    act()
  }

  return (
    <div class="file-area">
      <div
        ref={scroller}
        class="file-grid"
        role="grid"
        aria-label="Files"
        aria-multiselectable
        aria-rowcount={files.length + 1}
        aria-colcount={shown.length + 2}
        tabIndex={0}
        {...(at >= 0 && { 'aria-activedescendant': `${id}-${at}` })}
        style={{ '--columns': shown.map(({ width }) => `${width}em`).join(' ') }}
        onKeyDown={key}
        {...hears}
      >
        <FileHead
          shown={shown}
          columns={columns}
          sort={directory.sort.value}
          sortBy={(by) => void desk.run(sortFiles, by)}
          preview={drag}
          change={(next) => {
            drag(undefined)
            app.tabs.change(tab.id, { columns: next })
          }}
        />
        <div
          class={directory.selecting.value ? 'file-body selecting' : 'file-body'}
          role="rowgroup"
          style={{ height: `${rows.total}px` }}
        >
          {rows.items.map((item) => {
            const file = files[item.index]
            return (
              file && (
                <FileRow
                  key={item.key}
                  id={`${id}-${item.index}`}
                  index={item.index}
                  top={item.start}
                  tabId={tab.id}
                  columns={shown}
                  file={file}
                  current={item.index === at}
                  selected={selected.has(file.name)}
                  selecting={directory.selecting.value}
                  cut={cut?.has(file.path) ?? false}
                  leadsTo={leadsTo.get(file.path)}
                  draggable={!coarse}
                  now={now}
                />
              )
            )
          })}
          <div ref={frame} class="file-band" hidden role="presentation" />
        </div>
      </div>
      {children}
      {seek.text && (
        <output class="seek">
          Finding <b>{seek.text}</b>
        </output>
      )}
    </div>
  )
}
