import { useEffect } from 'preact/hooks'
import type { Desk } from '../../commands/desk.ts'
import { dropFiles } from '../../commands/drop-files.ts'
import { uploadPlace } from '../../commands/uploadPlace.ts'
import { droppedFiles, filesType } from './dragOut.ts'
import { dropPlace } from './fileDrop.ts'

/** Lets rows be dropped on lists, directories in them, parts of paths and tabs: they are copied there; with Ctrl or Alt, moved. */
export function useRowDrop(desk: Desk): void {
  useEffect(() => {
    const ended = new AbortController()
    let over: HTMLElement | undefined
    const show = (element: HTMLElement | undefined) => {
      if (over === element) return
      over?.removeAttribute('data-rows-over')
      element?.setAttribute('data-rows-over', '')
      over = element
    }
    const placeOf = (event: DragEvent) => {
      // Of two panes, the first has taken it.
      if (event.defaultPrevented || !event.dataTransfer?.types.includes(filesType)) return undefined
      const place = dropPlace(event.target)
      return place && place.on !== 'terminal' ? place : undefined
    }
    const how = (event: DragEvent) => (event.ctrlKey || event.altKey ? 'move' : 'copy')
    const listen = { signal: ended.signal }
    addEventListener(
      'dragover',
      (event) => {
        const place = placeOf(event)
        show(place?.element)
        if (!place || !event.dataTransfer) return
        event.preventDefault()
        event.dataTransfer.dropEffect = how(event)
      },
      listen,
    )
    addEventListener(
      'drop',
      (event) => {
        show(undefined)
        const place = placeOf(event)
        const tab = desk.app.tabs.get(place?.tabId)
        const dragged = place && droppedFiles(event)
        if (!tab || !dragged) return
        event.preventDefault()
        const directory = place.path ?? uploadPlace(desk, tab)
        void desk.run(dropFiles, { from: dragged.tabId, paths: dragged.paths, to: tab.id, directory, how: how(event) })
      },
      listen,
    )
    addEventListener('dragend', () => show(undefined), listen)
    return () => {
      show(undefined)
      ended.abort()
    }
  }, [desk])
}
