import { useRef } from 'preact/hooks'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { lazy } from '../kit/Lazy.tsx'
import { useNarrow, useUpright } from '../media.ts'
import { TerminalPane } from '../terminal/TerminalPane.tsx'
import './TabPanel.css'

const Divider = lazy(() => import('./Divider.tsx').then((module) => module.Divider))
const FilesPane = lazy(() => import('../files/FilesPane.tsx').then((module) => module.FilesPane))
const FileView = lazy(() => import('../preview/FileView.tsx').then((module) => module.default))

/** CSS pixels of the files pane, across or down, until a person sets another size. */
const usualSize = 450

/** What a tab shows: terminal, files, or both side by side; where there is little room, one at a time. */
export function TabPanel({ tab, shown }: { tab: TabView; shown: boolean }) {
  const { app, view } = useDesk()
  const panel = useRef<HTMLDivElement>(null)
  const narrow = useNarrow()
  const upright = useUpright()
  const { terminal, files, width = usualSize } = tab.record.value.view
  const front = view.front.value
  const viewer = view.viewing.value.get(tab.id)
  const other = shown && files ? app.tabs.get(view.beside.value) : undefined
  const otherViewer = other && view.viewing.value.get(other.id)
  // Two lists side by side take all the room; the terminal runs on behind them.
  const both = terminal && files && !other
  const showTerminal = terminal && !other && !(narrow && both && front === 'files')
  // A tab of another window is taken up when it is shown here, not before.
  const here = useRef(false)
  here.current ||= shown || tab.record.value.window === app.window.id
  const layout = [
    'tab-panel',
    both && !narrow && (upright ? 'split upright' : 'split'),
    other && (upright || narrow ? 'paired upright' : 'paired'),
  ]
    .filter(Boolean)
    .join(' ')
  const showFiles = files && !(narrow && both && front === 'terminal')
  return (
    <div
      ref={panel}
      id={`panel-${tab.id}`}
      class={layout}
      role="tabpanel"
      aria-labelledby={`tab-${tab.id}`}
      hidden={!shown}
      style={{ '--files-size': `${width}px` }}
    >
      {terminal && here.current && (
        <div class="pane" hidden={!showTerminal}>
          <TerminalPane tab={tab} shown={shown && showTerminal} />
        </div>
      )}
      {both && !narrow && (
        <Divider
          size={width}
          upright={upright}
          whole={() => panel.current?.[upright ? 'clientHeight' : 'clientWidth'] ?? innerWidth}
          preview={(size) => panel.current?.style.setProperty('--files-size', `${size}px`)}
          change={(width) => app.tabs.change(tab.id, { width })}
        />
      )}
      {files && here.current && (
        <div class="pane files" hidden={!showFiles}>
          <FilesPane tab={tab} shown={shown && showFiles} />
          {viewer && <FileView key={viewer} tabId={tab.id} viewer={viewer} />}
        </div>
      )}
      {other && (
        <div class="pane files">
          <FilesPane key={other.id} tab={other} shown={shown} beside />
          {otherViewer && <FileView key={otherViewer} tabId={other.id} viewer={otherViewer} />}
        </div>
      )}
    </div>
  )
}
