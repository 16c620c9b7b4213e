import type { Signal } from '@preact/signals'
import type { Desk } from '../../commands/desk.ts'
import { showTab } from '../../commands/show-tab.ts'
import { uploadSources } from '../../commands/upload-sources.ts'
import { uploadPlace } from '../../commands/uploadPlace.ts'
import { takeDropped } from '../../model/transfers/dropped.ts'
import { type DropOn, dropPlace } from '../files/fileDrop.ts'

/** Files that are held over a place of the app, and what would become of them there. */
export interface Dropping {
  on: DropOn
  tabId: string
  /** The directory that would take them; undefined where the person is asked. */
  path: string | undefined
  /** Whether their paths would be typed as well: the lower half of a terminal. */
  type: boolean
  /** How many were taken hold of; undefined where the browser does not say. */
  count: number | undefined
  /** The place, in CSS pixels of the window. */
  box: Box
  /** The list that a row or a part of the path belongs to. */
  pane: Box | undefined
}

/** Where something stands, in CSS pixels of the window. */
export type Box = Pick<DOMRect, 'left' | 'top' | 'width' | 'height'>

/** Milliseconds over a place after which it opens, so that one can go on into it. */
const springs: Partial<Record<DropOn, number>> = { folder: 1_000, crumb: 1_000, tab: 600 }

/** Milliseconds without a word of a drag that has left an element. */
const gone = 400

/**
 * Uploads files that are dropped on the places of `fileDrop`, and says in `dropping` where they would go meanwhile. A drag
 * that began in this page is none of its business. Returns what ends it.
 */
export function listenForDrops(desk: Desk, dropping: Signal<Dropping | undefined>): () => void {
  const listening = new AbortController()
  let own = false
  let sprung: { element: HTMLElement; timer: ReturnType<typeof setTimeout> } | undefined

  let leaving: ReturnType<typeof setTimeout> | undefined

  const spring = (place: ReturnType<typeof dropPlace>) => {
    if (sprung?.element === place?.element) return
    clearTimeout(sprung?.timer)
    const after = place && springs[place.on]
    sprung = after ? { element: place.element, timer: setTimeout(() => open(desk, place), after) } : undefined
  }
  const leave = () => {
    clearTimeout(leaving)
    spring(undefined)
    dropping.value = undefined
  }
  /** Where the files of a drag are, where that is a place for them. */
  const placeOf = (event: DragEvent) => {
    const files = !own && !event.defaultPrevented && event.dataTransfer?.types.includes('Files')
    return files ? dropPlace(event.target) : undefined
  }
  const over = (event: DragEvent) => {
    clearTimeout(leaving)
    const place = placeOf(event)
    const tab = desk.app.tabs.get(place?.tabId)
    if (!place || !tab || !event.dataTransfer) return leave()
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    spring(place)
    const now = describe(desk, event, place)
    if (JSON.stringify(now) !== JSON.stringify(dropping.peek())) dropping.value = now
  }
  const drop = (event: DragEvent) => {
    const place = placeOf(event)
    const held = dropping.peek()
    leave()
    if (!place || !event.dataTransfer) return
    event.preventDefault()
    const { tabId, path, type } = held ?? describe(desk, event, place)
    const taken = takeDropped(event.dataTransfer)
    if (!taken) return
    if (place.on === 'terminal' && path === undefined) desk.view.offer.value = { tabId, taken }
    else void desk.run(uploadSources, { tabId, taken, path, type })
  }
  document.addEventListener('dragenter', over, listening)
  document.addEventListener('dragover', over, listening)
  document.addEventListener('drop', drop, listening)
  // From one element to the next `dragover` follows; out of the window, or when the drag is given up, nothing does.
  const left = () => {
    clearTimeout(leaving)
    leaving = setTimeout(leave, gone)
  }
  document.addEventListener('dragleave', left, listening)
  const begin = { capture: true, signal: listening.signal }
  document.addEventListener(
    'dragstart',
    () => {
      own = true
    },
    begin,
  )
  // A row that was scrolled away while it was dragged sends no `dragend`; but no pointer moves during a drag.
  for (const end of ['dragend', 'pointermove'] as const) {
    document.addEventListener(
      end,
      () => {
        own = false
      },
      begin,
    )
  }
  return () => {
    leave()
    listening.abort()
  }
}

function describe(desk: Desk, event: DragEvent, place: NonNullable<ReturnType<typeof dropPlace>>): Dropping {
  const { on, tabId, element } = place
  const box = boxOf(element)
  const tab = desk.app.tabs.get(tabId)
  // Where the shell is, is known only where it says so.
  const ownPath = on === 'terminal' ? tab?.session.directory.peek() : tab && uploadPlace(desk, tab)
  const path = place.path?.startsWith('/') ? place.path : ownPath
  const count = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file').length
  return {
    on,
    tabId,
    path,
    type: on === 'terminal' && path !== undefined && event.clientY > box.top + box.height / 2,
    count: count || undefined,
    box,
    pane: boxOf(element.parentElement?.closest('[data-drop-on=list]')),
  }
}

function boxOf(element: Element): Box
function boxOf(element: Element | null | undefined): Box | undefined
function boxOf(element: Element | null | undefined): Box | undefined {
  if (!element) return undefined
  const { left, top, width, height } = element.getBoundingClientRect()
  return { left, top, width, height }
}

function open(desk: Desk, { on, tabId, path }: NonNullable<ReturnType<typeof dropPlace>>): void {
  const tab = desk.app.tabs.get(tabId)
  if (on === 'tab') void desk.run(showTab, tabId)
  else if (tab && path !== undefined) void desk.view.directory(tab).open(path)
}
