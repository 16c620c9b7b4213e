import { addRelay } from './add-relay.ts'
import { clearTerminal } from './clear-terminal.ts'
import { closeTab } from './close-tab.ts'
import type { Command } from './command.ts'
import { connect } from './connect.ts'
import { continueElsewhere } from './continue-elsewhere.ts'
import { copy } from './copy.ts'
import { copyReport } from './copy-report.ts'
import { defaultFont } from './default-font.ts'
import { detachTab } from './detach-tab.ts'
import { discardHeldInput } from './discard-held-input.ts'
import { disconnect } from './disconnect.ts'
import { editHost } from './edit-host.ts'
import { endFind } from './end-find.ts'
import { endSession } from './end-session.ts'
import { findInTerminal } from './find-in-terminal.ts'
import { findNext } from './find-next.ts'
import { findPrevious } from './find-previous.ts'
import { followDirectory } from './follow-directory.ts'
import { followLink } from './follow-link.ts'
import { forgetHost } from './forget-host.ts'
import { forgetKnownHost } from './forget-known-host.ts'
import { forgetRelay } from './forget-relay.ts'
import { goToTab } from './go-to-tab.ts'
import { goUp } from './go-up.ts'
import { installApp } from './install-app.ts'
import { largerFont } from './larger-font.ts'
import { logInToRelay } from './log-in-to-relay.ts'
import { moveTab } from './move-tab.ts'
import { moveTabLeft } from './move-tab-left.ts'
import { moveTabRight } from './move-tab-right.ts'
import { newTab } from './new-tab.ts'
import { nextTab } from './next-tab.ts'
import { openPalette } from './open-palette.ts'
import { openPath } from './open-path.ts'
import { openRelays } from './open-relays.ts'
import { openSettings } from './open-settings.ts'
import { openSidePanel } from './open-side-panel.ts'
import { paste } from './paste.ts'
import { previousTab } from './previous-tab.ts'
import { reconnect } from './reconnect.ts'
import { refreshFiles } from './refresh-files.ts'
import { renameRelay } from './rename-relay.ts'
import { renameTab } from './rename-tab.ts'
import { retryRelay } from './retry-relay.ts'
import { saveHost } from './save-host.ts'
import { selectAll } from './select-all.ts'
import { sendHeldInput } from './send-held-input.ts'
import { setFont } from './set-font.ts'
import { setTheme } from './set-theme.ts'
import { showFiles } from './show-files.ts'
import { showKeys } from './show-keys.ts'
import { showKnownHosts } from './show-known-hosts.ts'
import { showSessions } from './show-sessions.ts'
import { showTab } from './show-tab.ts'
import { showTerminal } from './show-terminal.ts'
import { smallerFont } from './smaller-font.ts'
import { sortFiles } from './sort-files.ts'
import { takeBackSession } from './take-back-session.ts'
import { takeUpSession } from './take-up-session.ts'
import { themeDark } from './theme-dark.ts'
import { themeLight } from './theme-light.ts'
import { themeSystem } from './theme-system.ts'
import { toggleFiles } from './toggle-files.ts'
import { toggleHiddenFiles } from './toggle-hidden-files.ts'
import { updateApp } from './update-app.ts'

/** Every command, in the order of the palette before anything is typed. */
export const commands: readonly Command[] = [
  openPalette,
  newTab,
  closeTab,
  nextTab,
  previousTab,
  renameTab,
  moveTabLeft,
  moveTabRight,
  saveHost,
  editHost,
  toggleFiles,
  showFiles,
  showTerminal,
  openPath,
  goUp,
  followDirectory,
  refreshFiles,
  toggleHiddenFiles,
  findInTerminal,
  findNext,
  findPrevious,
  endFind,
  clearTerminal,
  copy,
  paste,
  selectAll,
  largerFont,
  smallerFont,
  defaultFont,
  themeDark,
  themeLight,
  themeSystem,
  reconnect,
  disconnect,
  takeBackSession,
  sendHeldInput,
  discardHeldInput,
  detachTab,
  continueElsewhere,
  showSessions,
  copyReport,
  addRelay,
  openRelays,
  logInToRelay,
  showKnownHosts,
  openSettings,
  openSidePanel,
  showKeys,
  installApp,
  updateApp,
  ...goToTab,
  showTab,
  moveTab,
  connect,
  takeUpSession,
  endSession,
  followLink,
  sortFiles,
  forgetHost,
  forgetKnownHost,
  setFont,
  setTheme,
  renameRelay,
  forgetRelay,
  retryRelay,
]
