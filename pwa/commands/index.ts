import { addPasskey } from './add-passkey.ts'
import { addPassword } from './add-password.ts'
import { addRelay } from './add-relay.ts'
import { askBeforeSigning } from './ask-before-signing.ts'
import { cancelTransfer } from './cancel-transfer.ts'
import { certifyKey } from './certify-key.ts'
import { changeLink } from './change-link.ts'
import { changeMode } from './change-mode.ts'
import { changeOwner } from './change-owner.ts'
import { changePassphrase } from './change-passphrase.ts'
import { changeTimes } from './change-times.ts'
import { clearTerminal } from './clear-terminal.ts'
import { clearTransfers } from './clear-transfers.ts'
import { closeFile } from './close-file.ts'
import { closeTab } from './close-tab.ts'
import type { Command } from './command.ts'
import { connect } from './connect.ts'
import { continueElsewhere } from './continue-elsewhere.ts'
import { copy } from './copy.ts'
import { copyFiles } from './copy-files.ts'
import { copyName } from './copy-name.ts'
import { copyPath } from './copy-path.ts'
import { copyPublicKey } from './copy-public-key.ts'
import { copyQuotedPath } from './copy-quoted-path.ts'
import { copyReport } from './copy-report.ts'
import { cutFiles } from './cut-files.ts'
import { defaultFont } from './default-font.ts'
import { deleteFiles } from './delete-files.ts'
import { deleteForGood } from './delete-for-good.ts'
import { detachTab } from './detach-tab.ts'
import { discardHeldInput } from './discard-held-input.ts'
import { disconnect } from './disconnect.ts'
import { dismissSession } from './dismiss-session.ts'
import { downloadFiles } from './download-files.ts'
import { downloadPublicKey } from './download-public-key.ts'
import { downloadZip } from './download-zip.ts'
import { dropFiles } from './drop-files.ts'
import { duplicateFiles } from './duplicate-files.ts'
import { duplicateTab } from './duplicate-tab.ts'
import { editFile } from './edit-file.ts'
import { editHost } from './edit-host.ts'
import { endBeside } from './end-beside.ts'
import { endFind } from './end-find.ts'
import { endSession } from './end-session.ts'
import { exportData } from './export-data.ts'
import { exportKnownHosts } from './export-known-hosts.ts'
import { filesAsRoot } from './files-as-root.ts'
import { filesAsYourself } from './files-as-yourself.ts'
import { filesBeside } from './files-beside.ts'
import { filterFiles } from './filter-files.ts'
import { findInFile } from './find-in-file.ts'
import { findInTerminal } from './find-in-terminal.ts'
import { findNext } from './find-next.ts'
import { findPrevious } from './find-previous.ts'
import { followDirectory } from './follow-directory.ts'
import { followFile } from './follow-file.ts'
import { forgetHost } from './forget-host.ts'
import { forgetKnownHost } from './forget-known-host.ts'
import { forgetKnownKey } from './forget-known-key.ts'
import { forgetRelay } from './forget-relay.ts'
import { giveAgain } from './give-again.ts'
import { goBack } from './go-back.ts'
import { goForward } from './go-forward.ts'
import { goHome } from './go-home.ts'
import { goToLine } from './go-to-line.ts'
import { goToTab } from './go-to-tab.ts'
import { goUp } from './go-up.ts'
import { importData } from './import-data.ts'
import { importKey } from './import-key.ts'
import { importKnownHosts } from './import-known-hosts.ts'
import { installApp } from './install-app.ts'
import { installKey } from './install-key.ts'
import { invertSelection } from './invert-selection.ts'
import { largerFont } from './larger-font.ts'
import { lockVault } from './lock-vault.ts'
import { logInToRelay } from './log-in-to-relay.ts'
import { logInWith } from './log-in-with.ts'
import { makeKey } from './make-key.ts'
import { mergeKnownHosts } from './merge-known-hosts.ts'
import { moveTab } from './move-tab.ts'
import { moveTabLeft } from './move-tab-left.ts'
import { moveTabRight } from './move-tab-right.ts'
import { newFile } from './new-file.ts'
import { newFolder } from './new-folder.ts'
import { newLink } from './new-link.ts'
import { newTab } from './new-tab.ts'
import { nextFile } from './next-file.ts'
import { nextTab } from './next-tab.ts'
import { openEntry } from './open-entry.ts'
import { openFile } from './open-file.ts'
import { openLocally } from './open-locally.ts'
import { openPalette } from './open-palette.ts'
import { openPath } from './open-path.ts'
import { openRelays } from './open-relays.ts'
import { openSettings } from './open-settings.ts'
import { openSidePanel } from './open-side-panel.ts'
import { openTerminalHere } from './open-terminal-here.ts'
import { openTrash } from './open-trash.ts'
import { openVault } from './open-vault.ts'
import { otherFiles } from './other-files.ts'
import { paste } from './paste.ts'
import { pasteFiles } from './paste-files.ts'
import { pauseTransfer } from './pause-transfer.ts'
import { pauseTransfers } from './pause-transfers.ts'
import { pinDirectory } from './pin-directory.ts'
import { previousFile } from './previous-file.ts'
import { previousTab } from './previous-tab.ts'
import { putBack } from './put-back.ts'
import { putOffBackup } from './put-off-backup.ts'
import { reconnect } from './reconnect.ts'
import { refreshFiles } from './refresh-files.ts'
import { reloadFile } from './reload-file.ts'
import { rememberPassword } from './remember-password.ts'
import { removeIdentity } from './remove-identity.ts'
import { removePasskey } from './remove-passkey.ts'
import { removeTransfer } from './remove-transfer.ts'
import { removeVault } from './remove-vault.ts'
import { renameFile } from './rename-file.ts'
import { renameIdentity } from './rename-identity.ts'
import { renameRelay } from './rename-relay.ts'
import { renameTab } from './rename-tab.ts'
import { renewRecoveryCode } from './renew-recovery-code.ts'
import { resumeTransfer } from './resume-transfer.ts'
import { resumeTransfers } from './resume-transfers.ts'
import { retryRelay } from './retry-relay.ts'
import { retryTransfer } from './retry-transfer.ts'
import { revokeHostKey } from './revoke-host-key.ts'
import { sameHostBeside } from './same-host-beside.ts'
import { saveEdits } from './save-edits.ts'
import { saveFileAs } from './save-file-as.ts'
import { saveHost } from './save-host.ts'
import { saveToFolder } from './save-to-folder.ts'
import { selectAll } from './select-all.ts'
import { selectAllFiles } from './select-all-files.ts'
import { sendHeldInput } from './send-held-input.ts'
import { setFont } from './set-font.ts'
import { setTheme } from './set-theme.ts'
import { setUpVault } from './set-up-vault.ts'
import { showFiles } from './show-files.ts'
import { showIdentities } from './show-identities.ts'
import { showIdentity } from './show-identity.ts'
import { showKeys } from './show-keys.ts'
import { showKnownHosts } from './show-known-hosts.ts'
import { showProperties } from './show-properties.ts'
import { showRelaySight } from './show-relay-sight.ts'
import { showSessions } from './show-sessions.ts'
import { showStorage } from './show-storage.ts'
import { showTab } from './show-tab.ts'
import { showTerminal } from './show-terminal.ts'
import { showTransfers } from './show-transfers.ts'
import { showWatched } from './show-watched.ts'
import { smallerFont } from './smaller-font.ts'
import { sortFiles } from './sort-files.ts'
import { stopReading } from './stop-reading.ts'
import { stopWatching } from './stop-watching.ts'
import { takeBackSession } from './take-back-session.ts'
import { takeUpSession } from './take-up-session.ts'
import { themeDark } from './theme-dark.ts'
import { themeLight } from './theme-light.ts'
import { themeSystem } from './theme-system.ts'
import { toggleEditing } from './toggle-editing.ts'
import { toggleFiles } from './toggle-files.ts'
import { toggleHiddenFiles } from './toggle-hidden-files.ts'
import { typePath } from './type-path.ts'
import { undoFileChange } from './undo-file-change.ts'
import { unlockVault } from './unlock-vault.ts'
import { updateApp } from './update-app.ts'
import { uploadFiles } from './upload-files.ts'
import { uploadFolder } from './upload-folder.ts'
import { uploadShared } from './upload-shared.ts'
import { uploadSources } from './upload-sources.ts'
import { useSftpForFiles } from './use-sftp-for-files.ts'
import { useShellForFiles } from './use-shell-for-files.ts'
import { widenFile } from './widen-file.ts'
import { wrapLines } from './wrap-lines.ts'

/** Every command, in the order of the palette before anything is typed. */
export const commands: readonly Command[] = [
  openPalette,
  newTab,
  duplicateTab,
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
  goBack,
  goForward,
  goHome,
  pinDirectory,
  stopReading,
  filterFiles,
  selectAllFiles,
  invertSelection,
  openEntry,
  copyFiles,
  cutFiles,
  pasteFiles,
  filesBeside,
  filesAsRoot,
  filesAsYourself,
  useShellForFiles,
  useSftpForFiles,
  sameHostBeside,
  endBeside,
  otherFiles,
  dropFiles,
  downloadFiles,
  downloadZip,
  saveToFolder,
  saveFileAs,
  toggleHiddenFiles,
  openFile,
  editFile,
  followFile,
  openLocally,
  saveEdits,
  toggleEditing,
  findInFile,
  goToLine,
  nextFile,
  previousFile,
  reloadFile,
  wrapLines,
  widenFile,
  closeFile,
  showWatched,
  newFolder,
  newFile,
  renameFile,
  duplicateFiles,
  deleteFiles,
  deleteForGood,
  undoFileChange,
  newLink,
  changeLink,
  changeMode,
  changeOwner,
  changeTimes,
  showProperties,
  copyPath,
  copyQuotedPath,
  copyName,
  typePath,
  openTerminalHere,
  openTrash,
  putBack,
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
  showIdentities,
  makeKey,
  importKey,
  addPassword,
  installKey,
  showKnownHosts,
  importKnownHosts,
  exportKnownHosts,
  openVault,
  setUpVault,
  unlockVault,
  lockVault,
  changePassphrase,
  renewRecoveryCode,
  addPasskey,
  removeVault,
  exportData,
  importData,
  putOffBackup,
  showStorage,
  showRelaySight,
  uploadFiles,
  uploadFolder,
  showTransfers,
  pauseTransfers,
  resumeTransfers,
  clearTransfers,
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
  dismissSession,
  sortFiles,
  forgetHost,
  showIdentity,
  renameIdentity,
  removeIdentity,
  askBeforeSigning,
  certifyKey,
  copyPublicKey,
  downloadPublicKey,
  logInWith,
  rememberPassword,
  forgetKnownHost,
  forgetKnownKey,
  revokeHostKey,
  mergeKnownHosts,
  removePasskey,
  setFont,
  setTheme,
  renameRelay,
  forgetRelay,
  retryRelay,
  stopWatching,
  uploadSources,
  uploadShared,
  pauseTransfer,
  resumeTransfer,
  cancelTransfer,
  retryTransfer,
  removeTransfer,
  giveAgain,
]
