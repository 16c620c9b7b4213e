import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core'
import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

/** The rows of a long list that are in sight: where each stands, the height of all, and how to bring one into sight. */
export function useRows(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  height: number,
  /** Pixels that a head above the rows covers. */
  head: number,
): { items: readonly VirtualItem[]; total: number; reveal(index: number): void } {
  const [, redraw] = useState(0)
  const held = useRef<Virtualizer<HTMLElement, HTMLElement>>(undefined)
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    scrollMargin: head,
    scrollPaddingStart: head,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => redraw((times) => times + 1),
  }
  held.current ??= new Virtualizer(options)
  const virtualizer = held.current
  virtualizer.setOptions(options)
  useEffect(() => virtualizer._didMount(), [virtualizer])
  // Another count or another height of a row moves what is in sight.
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, height])
  useLayoutEffect(() => virtualizer._willUpdate())
  return {
    items: virtualizer.getVirtualItems().map((item) => ({ ...item, start: item.start - head })),
    total: virtualizer.getTotalSize(),
    reveal: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  }
}
