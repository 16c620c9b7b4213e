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
import { Tooltip } from './kit/Tooltip.tsx'
import { useCoarse, useNarrow } from './media.ts'
import { NarrowBar } from './NarrowBar.tsx'
import { Notices } from './Notices.tsx'
import { Overlays } from './Overlays.tsx'
import { StatusLine } from './status/StatusLine.tsx'
import { TabBar } from './tabs/TabBar.tsx'
import { TabPanel } from './tabs/TabPanel.tsx'
import { KeyBar } from './touch/KeyBar.tsx'
import './App.css'

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
        <Notices />
      </main>
      {coarse && tab && terminalInFront(tab, narrow, view.front.value) && <KeyBar tab={tab} />}
      {!(narrow && coarse && tab) && <StatusLine />}
      <Overlays />
      <Tooltip />
    </div>
  )
}
