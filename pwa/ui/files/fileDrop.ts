/** What files can be dropped on: the list, a row of it that is a directory, a part of the path, a tab, a terminal. */
export type DropOn = 'list' | 'folder' | 'crumb' | 'tab' | 'terminal'

/**
 * Attributes that make an element a place to drop files on: `DropZone` finds it by them, shows where the files would go, and
 * uploads what is dropped.
 * @param path absolute, of the directory that takes them; without it that of the tab's files or shell, or its home
 */
export function fileDrop(on: DropOn, tabId: string, path?: string): Record<string, string> {
  return { 'data-drop-on': on, 'data-drop-tab': tabId, ...(path !== undefined && { 'data-drop-path': path }) }
}

/** The place that an element is in; undefined where there is none. */
export function dropPlace(
  target: EventTarget | null,
): { element: HTMLElement; on: DropOn; tabId: string; path: string | undefined } | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-drop-on]') : null
  const { dropOn, dropTab, dropPath } = element?.dataset ?? {}
  if (!element || dropOn === undefined || dropTab === undefined) return undefined
  // Only `fileDrop` writes the attribute.
  return { element, on: dropOn as DropOn, tabId: dropTab, path: dropPath }
}
