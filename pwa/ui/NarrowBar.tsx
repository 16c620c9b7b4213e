import { Bell, Ellipsis, Folder, Search, SquareTerminal } from 'lucide'
import { activeTab } from '../commands/activeTab.ts'
import { closeTab } from '../commands/close-tab.ts'
import type { Command } from '../commands/command.ts'
import { disconnect } from '../commands/disconnect.ts'
import { duplicateTab } from '../commands/duplicate-tab.ts'
import { findInTerminal } from '../commands/find-in-terminal.ts'
import { newTab } from '../commands/new-tab.ts'
import { openPalette } from '../commands/open-palette.ts'
import { openRelays } from '../commands/open-relays.ts'
import { openSettings } from '../commands/open-settings.ts'
import { paste } from '../commands/paste.ts'
import { reconnect } from '../commands/reconnect.ts'
import { renameTab } from '../commands/rename-tab.ts'
import { saveHost } from '../commands/save-host.ts'
import { showFiles } from '../commands/show-files.ts'
import { showIdentities } from '../commands/show-identities.ts'
import { showSessions } from '../commands/show-sessions.ts'
import { showTerminal } from '../commands/show-terminal.ts'
import { showTransfers } from '../commands/show-transfers.ts'
import { uploadFiles } from '../commands/upload-files.ts'
import { uploadFolder } from '../commands/upload-folder.ts'
import { useDesk } from './desk.ts'
import { IconButton } from './kit/Button.tsx'
import { Dot } from './kit/Dot.tsx'
import { Icon } from './kit/Icon.tsx'
import { Menu } from './kit/Menu.tsx'
import { RenameTab } from './tabs/RenameTab.tsx'
import { tabState } from './tabs/state.ts'
import './NarrowBar.css'

const offered = [
  newTab,
  duplicateTab,
  paste,
  findInTerminal,
  renameTab,
  saveHost,
  reconnect,
  disconnect,
  closeTab,
  uploadFiles,
  uploadFolder,
  showTransfers,
  openRelays,
  showIdentities,
  showSessions,
  openSettings,
] as readonly Command[]

/** The bar where there is little room: one tab at a time, its panes by a switch, everything else in a menu. */
export function NarrowBar() {
  const desk = useDesk()
  const { app, view } = desk
  const tab = activeTab(desk)
  const tabs = app.tabs.tabs.value
  const place = tab ? tabs.indexOf(tab) + 1 : 0
  const filesInFront = tab?.record.value.view.files && view.front.value === 'files'
  const state = tab && tabState(tab)
  return (
    <div class="narrow-bar">
      {tab && view.renaming.value === tab.id ? (
        <RenameTab tab={tab} />
      ) : (
        <button type="button" class="narrow-title" aria-haspopup="dialog" onClick={() => void desk.run(openPalette)}>
          {state && <Dot state={state.dot} name={state.name} />}
          <bdi>{tab ? tab.title.value : 'Fairlead'}</bdi>
          {tabs.length > (tab ? 1 : 0) && (
            <span>
              {place ? `${place} of ` : ''}
              {tabs.length}
            </span>
          )}
          {view.rung.value.size > 0 && <Icon of={Bell} name="A bell rang in another tab" size={14} />}
        </button>
      )}
      {tab?.record.value.view.terminal && (
        <IconButton
          icon={filesInFront ? SquareTerminal : Folder}
          name={filesInFront ? 'Terminal' : 'Files'}
          onClick={() => void desk.run(filesInFront ? showTerminal : showFiles)}
        />
      )}
      <IconButton icon={Search} name="Search or run a command" onClick={() => void desk.run(openPalette)} />
      <Menu
        name="More"
        icon={Ellipsis}
        items={offered
          .filter((command) => desk.can(command))
          .map((command) => ({ text: desk.title(command), run: () => void desk.run(command) }))}
      />
    </div>
  )
}
