import type { Taken } from '../model/transfers/taken.ts'

/** The pickers of the File System Access API, which TypeScript's library does not have. */
interface Pickers {
  showOpenFilePicker?(options: { multiple: true }): Promise<FileSystemFileHandle[]>
  showDirectoryPicker?(options: { mode: 'read' }): Promise<FileSystemDirectoryHandle>
}

/**
 * Lets the person choose files, or a folder with all that is in it; undefined where nothing is chosen. Call it from a click or
 * a key. Where the browser has handles, they come along.
 */
export async function pickFiles(what: 'files' | 'folder'): Promise<Taken | undefined> {
  const pickers = window as Pickers
  try {
    if (what === 'files' && pickers.showOpenFilePicker) {
      return await handed(await pickers.showOpenFilePicker({ multiple: true }))
    }
    if (what === 'folder' && pickers.showDirectoryPicker) {
      return await handed([await pickers.showDirectoryPicker({ mode: 'read' })])
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined
    throw error
  }
  const files = await chooseByInput(what)
  const { takeFiles } = await import('../model/transfers/taken.ts')
  return takeFiles(files)
}

async function handed(handles: (FileSystemFileHandle | FileSystemDirectoryHandle)[]): Promise<Taken | undefined> {
  const { takeHandles } = await import('../model/transfers/taken.ts')
  return takeHandles(handles)
}

function chooseByInput(what: 'files' | 'folder'): Promise<File[]> {
  const input = document.createElement('input')
  input.type = 'file'
  input.multiple = true
  input.webkitdirectory = what === 'folder'
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])]))
    input.addEventListener('cancel', () => resolve([]))
    input.click()
  })
}
