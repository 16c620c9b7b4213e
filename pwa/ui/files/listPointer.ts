import { useRef } from 'preact/hooks'
import type { FileInfo } from '../../../shared/fileInfo.ts'
import type { Directory } from '../../commands/directory.ts'
import { type Banded, drawBand } from './band.ts'
import type { Point } from './FileList.tsx'
import { longPress } from './longPress.ts'

/** What pointers do in the list. */
export interface PointerActs {
  open(file: FileInfo): void
  menu(at: Point): void
  menuAtRow(): void
  drag(event: DragEvent): void
  /** Where a frame can be drawn; undefined while nothing is drawn yet. */
  banded(): Omit<Banded, 'within'> | undefined
}

/**
 * How the list hears pointers, for all its rows: a click selects, a double click opens, the mouse draws frames where nothing
 * can be dragged; a finger opens by a tap and selects after a long press.
 */
export function useListPointer(directory: Directory, apple: boolean, acts: PointerActs) {
  /** What the last press was made with, and whether what follows it is no click. */
  const press = useRef({ touch: false, over: false, key: true })
  const banding = useRef(false)
  const fileAt = (target: EventTarget | null): FileInfo | undefined => {
    const row = target instanceof Element ? target.closest<HTMLElement>('.file-body .file-row') : null
    return row ? directory.shown.peek()[Number(row.dataset.index)] : undefined
  }
  const isSelected = ({ name }: FileInfo) => directory.selected.peek().has(name)
  const choose = (file: FileInfo) => {
    if (!isSelected(file)) directory.select([file.name])
  }

  const frame = (event: PointerEvent) => {
    const banded = acts.banded()
    if (!banded) return
    const adds = event.ctrlKey || event.metaKey || event.shiftKey
    const before = adds ? [...directory.selected.peek()] : []
    const files = directory.shown.peek()
    const within = (from: number, to: number) => {
      press.current.over = true
      directory.select([...before, ...files.slice(from, to).map(({ name }) => name)])
    }
    banding.current = true
    void drawBand(event, { ...banded, within }).then(() => {
      banding.current = false
    })
  }
  return {
    /** Whether a frame is being drawn: then the list scrolls with it, and for nothing else. */
    banding,
    /** Tells that a key was the last thing heard. */
    keyed() {
      press.current.key = true
    },
    onPointerDown(event: PointerEvent) {
      const touch = event.pointerType === 'touch'
      press.current = { touch, over: false, key: false }
      const { target } = event
      if (!(target instanceof Element) || !target.closest('.file-body') || target.closest('button, input')) return
      const file = fileAt(target)
      // What can be dragged is dragged; everywhere else the mouse draws a frame.
      if (!touch && event.button === 0 && !target.closest('[draggable=true]')) frame(event)
      if (!touch || !file) return
      longPress(event, () => {
        press.current.over = true
        directory.selecting.value = true
        if (!isSelected(file)) directory.toggle(file.name)
      })
    },
    onClick(event: MouseEvent) {
      const { target } = event
      if (!(target instanceof Element) || !target.closest('.file-body')) return
      if (press.current.over) {
        press.current.over = false
        return
      }
      const file = fileAt(target)
      const more = target.closest('.more button')
      if (more && file) {
        choose(file)
        const { left, bottom } = more.getBoundingClientRect()
        acts.menu({ x: left, y: bottom })
      }
      if (target.closest('button, input')) return
      if (!file) directory.select([])
      else if (press.current.touch) {
        if (directory.selecting.peek()) directory.toggle(file.name)
        else acts.open(file)
      } else if (event.shiftKey) directory.selectTo(file.name, event.ctrlKey || event.metaKey)
      else if (apple ? event.metaKey : event.ctrlKey) directory.toggle(file.name)
      else directory.select([file.name])
    },
    onDblClick(event: MouseEvent) {
      const { target } = event
      const file = fileAt(target)
      if (!file || press.current.touch || !(target instanceof Element) || target.closest('button, input')) return
      acts.open(file)
    },
    onContextMenu(event: MouseEvent) {
      if (event.target instanceof Element && event.target.closest('input, .file-head')) return
      event.preventDefault()
      if (press.current.key) return acts.menuAtRow()
      // A long press is for selecting; the row's button has the menu.
      if (press.current.touch) return
      const file = fileAt(event.target)
      if (file) choose(file)
      else directory.select([])
      acts.menu({ x: event.clientX, y: event.clientY })
    },
    onDragStart(event: DragEvent) {
      const file = fileAt(event.target)
      if (!file || press.current.touch) return event.preventDefault()
      choose(file)
      acts.drag(event)
    },
  }
}
