import { effect, untracked } from '@preact/signals'
import { activeTab } from '../../commands/activeTab.ts'
import type { Desk } from '../../commands/desk.ts'
import { isOver } from './isOver.ts'

/** Milliseconds between two readings while files go on coming. */
const pause = 3_000

/** Reads directories that are in sight again when transfers have put files into them. Returns what ends it. */
export function keepFilesFresh(desk: Desk): () => void {
  const { transfers } = desk.app
  /** Transfer → how many of its files had come when it was last looked at. */
  const seen = new Map<string, number>()
  let readAt = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  const dirty = new Set<string>()

  const read = () => {
    readAt = performance.now()
    timer = undefined
    const { app, view } = desk
    for (const tab of [activeTab(desk), app.tabs.get(view.beside.peek())]) {
      if (!tab?.record.peek().view.files) continue
      const directory = view.directory(tab)
      const path = directory.path.peek()
      if (directory.state.peek() !== 'ready' || ![...dirty].some((where) => where.endsWith(`:${path}`))) continue
      void directory.refresh()
    }
    dirty.clear()
  }
  const stop = effect(() => {
    const items = transfers.items.value
    untracked(() => {
      for (const item of items) {
        const over = isOver(item)
        const now = item.filesDone + (over ? 1 : 0)
        const before = seen.get(item.id)
        seen.set(item.id, now)
        if (item.kind !== 'download' && before !== undefined && now !== before) dirty.add(item.where)
        // The last of it is shown at once.
        if (over && dirty.has(item.where)) readAt = Number.NEGATIVE_INFINITY
      }
      if (dirty.size === 0) return
      const rest = readAt + pause - performance.now()
      if (rest <= 0) {
        clearTimeout(timer)
        read()
      } else timer ??= setTimeout(read, rest)
    })
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}
