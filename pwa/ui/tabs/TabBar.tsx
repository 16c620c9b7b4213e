import { Plus } from 'lucide'
import { useEffect, useRef } from 'preact/hooks'
import { newTab } from '../../commands/new-tab.ts'
import { useDesk } from '../desk.ts'
import { IconButton } from '../kit/Button.tsx'
import { TabItem } from './TabItem.tsx'
import './TabBar.css'

/** The open tabs in their order, and the way to a new one. */
export function TabBar() {
  const desk = useDesk()
  const { app } = desk
  const tabs = app.tabs.tabs.value
  const active = app.tabs.active.value
  const row = useRef<HTMLDivElement>(null)

  useEffect(() => {
    row.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [active, tabs.length])

  const step = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!by || event.altKey || event.ctrlKey || event.metaKey || event.target instanceof HTMLInputElement) return
    event.preventDefault()
    const all = [...(row.current?.querySelectorAll<HTMLElement>('[role=tab]') ?? [])]
    all.at((all.indexOf(document.activeElement as HTMLElement) + by) % all.length)?.focus()
  }
  const home = active === undefined
  return (
    <div class="tab-bar">
      <div ref={row} class="tab-row" role="tablist" aria-label="Tabs" onKeyDown={step}>
        {tabs.map((tab, index) => (
          <TabItem key={tab.id} tab={tab} index={index} active={tab.id === active} />
        ))}
        {home && (
          <div class="tab active" role="presentation">
            <button
              type="button"
              id="tab-home"
              class="tab-main"
              role="tab"
              aria-selected="true"
              aria-controls="panel-home"
            >
              <span class="tab-title">New tab</span>
            </button>
          </div>
        )}
      </div>
      <IconButton icon={Plus} name="New tab" keys={desk.keys(newTab)} onClick={() => void desk.run(newTab)} />
    </div>
  )
}
