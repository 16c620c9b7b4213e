import type { Desk } from '../../commands/desk.ts'
import { uploadSources } from '../../commands/upload-sources.ts'
import { takePasted } from '../../model/transfers/pasted.ts'
import { dropPlace } from '../files/fileDrop.ts'

/**
 * Uploads files that are pasted into a list of files, and offers it for those that are pasted into a terminal; text stays the
 * terminal's. Returns what ends it.
 */
export function listenForPastes(desk: Desk): () => void {
  const listening = new AbortController()
  const paste = (event: ClipboardEvent) => {
    const { clipboardData: data, target } = event
    const place = dropPlace(target)
    const field = target instanceof HTMLElement && target.matches('input, textarea') && place?.on !== 'terminal'
    if (!data?.files.length || !place || field) return
    // A cell of a table comes as a picture of it, too.
    if (place.on === 'terminal' && data.getData('text/plain') !== '') return
    const taken = takePasted(data, new Date())
    if (!taken) return
    event.preventDefault()
    event.stopImmediatePropagation()
    const { tabId, path } = place
    if (place.on === 'terminal') desk.view.offer.value = { tabId, taken }
    else void desk.run(uploadSources, { tabId, taken, path })
  }
  // Before the terminal, which takes every paste for text.
  document.addEventListener('paste', paste, { capture: true, signal: listening.signal })
  return () => listening.abort()
}
