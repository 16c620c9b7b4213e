import { Search, X } from 'lucide'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Directory } from '../../commands/directory.ts'
import { useDesk } from '../desk.ts'
import { IconButton } from '../kit/Button.tsx'
import { Icon } from '../kit/Icon.tsx'

/** What the names in the list have to hold. Esc clears it; Enter and the arrow go to the list. */
export function FilterBar({ directory, list }: { directory: Directory; list(): HTMLElement | null }) {
  const { view } = useDesk()
  const input = useRef<HTMLInputElement>(null)
  const { filter } = directory
  // What is typed next is for the field already.
  useLayoutEffect(() => input.current?.focus(), [])
  const end = () => {
    filter.value = ''
    view.filtering.value = undefined
    list()?.focus()
  }
  const toList = () => {
    const [first] = directory.shown.peek()
    if (first && !directory.chosen().length) directory.select([first.name])
    list()?.focus()
  }
  return (
    <search class="filter-bar">
      <Icon of={Search} size={14} />
      <input
        ref={input}
        aria-label="Filter the files"
        placeholder="Part of a name, or *.log"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={filter.value}
        onInput={(event) => {
          filter.value = event.currentTarget.value
        }}
        onKeyDown={(event) => {
          if (event.isComposing) return
          if (event.key === 'Escape') end()
          else if (event.key === 'Enter' || event.key === 'ArrowDown') toList()
          else return
          event.preventDefault()
        }}
      />
      <span class="filter-count" role="status">
        {filter.value.trim() &&
          `${directory.shown.value.length.toLocaleString()} of ${directory.visible.value.length.toLocaleString()}`}
      </span>
      <IconButton icon={X} name="Close the filter" onClick={end} />
    </search>
  )
}
