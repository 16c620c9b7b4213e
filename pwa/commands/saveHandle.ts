/** The pickers of the File System Access API, which TypeScript's library does not have. */
interface Pickers {
  showDirectoryPicker?(options: {
    id: string
    mode: 'readwrite'
    startIn: 'downloads'
  }): Promise<FileSystemDirectoryHandle>
  showSaveFilePicker?(options: {
    id: string
    suggestedName: string
    startIn: 'downloads'
  }): Promise<FileSystemFileHandle>
}

const pickers = () => globalThis as Pickers

/** Whether the person can choose a folder to be written to. */
export const canPickFolder = () => pickers().showDirectoryPicker !== undefined
/** Whether the person can choose name and place of a file. */
export const canPickFile = () => pickers().showSaveFilePicker !== undefined

/** Lets the person choose a folder for downloads; undefined where none is chosen. Call it from a click or a key. */
export function pickSaveFolder(): Promise<FileSystemDirectoryHandle | undefined> {
  return unlessLeft(pickers().showDirectoryPicker?.({ id: 'downloads', mode: 'readwrite', startIn: 'downloads' }))
}

/** Lets the person choose where a file is saved; undefined where that is left. Call it from a click or a key. */
export function pickSaveFile(suggestedName: string): Promise<FileSystemFileHandle | undefined> {
  return unlessLeft(pickers().showSaveFilePicker?.({ id: 'downloads', suggestedName, startIn: 'downloads' }))
}

async function unlessLeft<T>(picking: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await picking
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    throw error
  }
}
