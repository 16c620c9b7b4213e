import { PanelRight } from 'lucide'
import { useEffect } from 'preact/hooks'
import { activeTab } from '../commands/activeTab.ts'
import { openPalette } from '../commands/open-palette.ts'
import { toggleFiles } from '../commands/toggle-files.ts'
import type { TabView } from '../model/tabs.ts'
import { useDesk } from './desk.ts'
import { Home } from './home/Home.tsx'
import { listenForKeys } from './keys.ts'
import { IconButton } from './kit/Button.tsx'
import { Keys } from './kit/Keys.tsx'
import { lazy } from './kit/Lazy.tsx'
import { useCoarse, useNarrow } from './media.ts'
import { NarrowBar } from './NarrowBar.tsx'
import { Notices } from './Notices.tsx'
import { Overlays } from './Overlays.tsx'
import { StatusLine } from './status/StatusLine.tsx'
import { TabBar } from './tabs/TabBar.tsx'
import './App.css'

/** What every tab needs; the home tab alone does not. */
export const TabPanel = lazy(() => import('./tabs/TabPanel.tsx').then((module) => module.TabPanel))
const KeyBar = lazy(() => import('./touch/KeyBar.tsx').then((module) => module.KeyBar))
const DropZone = lazy(() => import('./drop/DropZone.tsx').then((module) => module.DropZone))
const TransferDrawer = lazy(() => import('./transfers/TransferDrawer.tsx').then((module) => module.default))
const Tooltip = lazy(() => import('./kit/Tooltip.tsx').then((module) => module.Tooltip))

function terminalInFront(tab: TabView, narrow: boolean, front: 'terminal' | 'files'): boolean {
  const { terminal, files } = tab.record.value.view
  return terminal && !(narrow && files && front === 'files')
}

/** The layout: a bar above, the tab that is shown, a line below. */
export function App() {
  const desk = useDesk()
  const { app, view } = desk
  const narrow = useNarrow()
  const coarse = useCoarse()
  const tab = activeTab(desk)
  const home = tab === undefined
  const keyBar =
    coarse &&
    tab &&
    !view.hardwareKeys.value &&
    view.beside.value === undefined &&
    terminalInFront(tab, narrow, view.front.value)
  useEffect(() => listenForKeys(desk), [desk])
  return (
    <div class="app">
      <header class="bar">
        {narrow ? (
          <NarrowBar />
        ) : (
          <>
            <TabBar />
            <div class="bar-end">
              {tab?.record.value.view.terminal && (
                <IconButton
                  icon={PanelRight}
                  name={desk.title(toggleFiles)}
                  keys={desk.keys(toggleFiles)}
                  aria-pressed={tab.record.value.view.files}
                  onClick={() => void desk.run(toggleFiles)}
                />
              )}
              <button type="button" class="palette-field" onClick={() => void desk.run(openPalette)}>
                <span>Search or run a command</span>
                <Keys keys={desk.keys(openPalette) ?? ''} />
              </button>
            </div>
          </>
        )}
      </header>
      <main class="body">
        <div
          id="panel-home"
          class="home-panel"
          {...(!narrow && { role: 'tabpanel' as const, 'aria-labelledby': 'tab-home' })}
          hidden={!home}
        >
          <Home shown={home} />
        </div>
        {app.tabs.tabs.value.map((one) => (
          <TabPanel key={one.id} tab={one} shown={one.id === tab?.id} />
        ))}
        {view.transfers.value && <TransferDrawer />}
        <Notices />
      </main>
      {keyBar && <KeyBar tab={tab} />}
      {!(narrow && keyBar) && <StatusLine />}
      <Overlays />
      {app.tabs.tabs.value.length > 0 && <DropZone />}
      <Tooltip />
    </div>
  )
}
