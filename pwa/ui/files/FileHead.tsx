// biome-ignore-all lint/a11y/useSemanticElements: a grid of which only a part is drawn has no table's layout
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names the current row
import { ArrowDown, ArrowUp, Columns3 } from 'lucide'
import { useRef } from 'preact/hooks'
import type { Columns, Sort } from '../../store/schema.ts'
import { Icon } from '../kit/Icon.tsx'
import { Menu } from '../kit/Menu.tsx'
import { type Column, columnOrder, columnTitles, resized, toggled } from './columns.ts'

/** Ems that a key widens or narrows a column by. */
const step = 0.5

/** The heads of the columns: they sort, are as wide as the person wants, and are chosen by the menu at their end. */
export function FileHead({
  shown,
  columns,
  sort,
  sortBy,
  preview,
  change,
}: {
  /** Those that have room. */
  shown: readonly { by: Column; width: number }[]
  /** Those that the person chose. */
  columns: Columns
  sort: Sort
  sortBy(by: Sort['by']): void
  /** While a border is dragged. */
  preview(columns: Columns): void
  change(columns: Columns): void
}) {
  return (
    <div class="file-row file-head" role="row" aria-rowindex={1}>
      {[{ by: 'name' as const, width: 0 }, ...shown].map(({ by, width }) => (
        <span
          key={by}
          class={by}
          role="columnheader"
          tabIndex={-1}
          aria-sort={sort.by === by ? (sort.descending ? 'descending' : 'ascending') : 'none'}
        >
          {by !== 'name' && (
            <Edge
              width={width}
              title={columnTitles[by]}
              preview={(to) => preview(resized(columns, by, to))}
              change={(to) => change(resized(columns, by, to))}
            />
          )}
          <button type="button" onClick={() => sortBy(by)}>
            {columnTitles[by]}
            {sort.by === by && <Icon of={sort.descending ? ArrowDown : ArrowUp} size={12} />}
          </button>
        </span>
      ))}
      <span class="more" role="columnheader" tabIndex={-1}>
        <Menu
          name="Columns"
          icon={Columns3}
          items={columnOrder.map((by) => {
            const checked = columns.some((column) => column.by === by)
            const fits = shown.some((column) => column.by === by)
            return {
              id: by,
              text: checked && !fits ? `${columnTitles[by]}, where there is room` : columnTitles[by],
              checked,
              run: () => change(toggled(columns, by)),
            }
          })}
        />
      </span>
    </div>
  )
}

/** The border at the left of a column; what is to the right of it keeps its place. */
function Edge({
  width,
  title,
  preview,
  change,
}: {
  width: number
  title: string
  preview(width: number): void
  change(width: number): void
}) {
  const from = useRef({ x: 0, width: 0 })
  const at = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const em = Number.parseFloat(getComputedStyle(event.currentTarget).fontSize)
    return from.current.width + (from.current.x - event.clientX) / em
  }
  return (
    <div
      class="file-edge"
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${title}`}
      aria-valuenow={Math.round(width * 10) / 10}
      aria-valuemin={3}
      aria-valuemax={30}
      tabIndex={0}
      onPointerDown={(event) => {
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
        from.current = { x: event.clientX, width }
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) preview(at(event))
      }}
      onPointerUp={(event) => change(at(event))}
      onKeyDown={(event) => {
        const by = { ArrowLeft: step, ArrowRight: -step }[event.key]
        if (!by) return
        event.preventDefault()
        change(width + by)
      }}
    />
  )
}
