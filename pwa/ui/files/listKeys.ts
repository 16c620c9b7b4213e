import type { Directory } from '../../commands/directory.ts'

/** What the keys of the list do besides moving. */
export interface ListActs {
  open(): void
  up(): void
  leave(): void
  filter(): void
  menu(): void
}

/** What a key of the list does; undefined for one that is not the list's. @param at index of the current entry @param page rows of a page */
export function listKey(
  event: KeyboardEvent,
  directory: Directory,
  at: number,
  page: number,
  acts: ListActs,
): (() => void) | undefined {
  const { key, shiftKey, altKey } = event
  const add = event.ctrlKey || event.metaKey
  if (key === 'ContextMenu' || (key === 'F10' && shiftKey)) return acts.menu
  if (altKey) return undefined
  const files = directory.shown.peek()
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: files.length - 1,
  }
  const to = steps[key]
  if (to !== undefined) {
    const file = files[Math.max(0, Math.min(files.length - 1, to))]
    if (!file) return () => undefined
    if (shiftKey) return () => directory.selectTo(file.name, add)
    return add ? () => directory.stand(file.name) : () => directory.select([file.name])
  }
  const here = files[at]
  if (key === ' ' && !shiftKey) return () => here && directory.toggle(here.name)
  if (add) return undefined
  const plain: Record<string, () => void> = {
    Enter: acts.open,
    Escape: () => {
      if (directory.filter.peek()) directory.filter.value = ''
      else if (directory.selected.peek().size) directory.selectNone()
      else acts.leave()
    },
    Backspace: acts.up,
    '/': acts.filter,
  }
  return plain[key]
}
