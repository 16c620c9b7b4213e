import { changeLink } from './change-link.ts'
import { changeMode } from './change-mode.ts'
import type { Command } from './command.ts'
import { copyFiles } from './copy-files.ts'
import { copyPath } from './copy-path.ts'
import { cutFiles } from './cut-files.ts'
import { deleteFiles } from './delete-files.ts'
import { downloadFiles } from './download-files.ts'
import { downloadZip } from './download-zip.ts'
import { duplicateFiles } from './duplicate-files.ts'
import { editFile } from './edit-file.ts'
import { followFile } from './follow-file.ts'
import { newFile } from './new-file.ts'
import { newFolder } from './new-folder.ts'
import { newLink } from './new-link.ts'
import { openEntry } from './open-entry.ts'
import { openLocally } from './open-locally.ts'
import { openTerminalHere } from './open-terminal-here.ts'
import { pasteFiles } from './paste-files.ts'
import { putBack } from './put-back.ts'
import { renameFile } from './rename-file.ts'
import { saveToFolder } from './save-to-folder.ts'
import { showProperties } from './show-properties.ts'
import { typePath } from './type-path.ts'

/** The most that is done with chosen files, in groups and in the order of the menu; what cannot be done now is left out there. All else is in the palette. */
export const fileMenu: readonly (readonly Command[])[] = [
  [openEntry, editFile, followFile, openLocally],
  [downloadFiles, downloadZip, saveToFolder],
  [cutFiles, copyFiles, pasteFiles, duplicateFiles],
  [renameFile, putBack, deleteFiles],
  [newFolder, newFile, newLink, changeLink],
  [openTerminalHere, typePath, copyPath],
  [changeMode, showProperties],
]
