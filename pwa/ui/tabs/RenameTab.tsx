import { useEffect, useRef } from 'preact/hooks'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import './RenameTab.css'

/** Stands in place of a tab's name while it is being changed. Enter and leaving it keep, Escape does not. */
export function RenameTab({ tab }: { tab: TabView }) {
  const { app, view } = useDesk()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.select(), [])
  const done = (title?: string) => {
    if (title !== undefined) app.tabs.rename(tab.id, title)
    view.renaming.value = undefined
    tab.session.screen.peek()?.focus()
  }
  return (
    <input
      ref={input}
      class="tab-name"
      aria-label="Name of the tab"
      value={tab.record.peek().title ?? tab.title.peek()}
      autofocus
      maxLength={128}
      onBlur={(event) => view.renaming.peek() === tab.id && done(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') done(event.currentTarget.value)
        if (event.key === 'Escape') done()
      }}
    />
  )
}
