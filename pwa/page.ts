/** One of the windows that show the app. */
export interface OwnWindow {
  /** Kept over a reload. */
  id: string
  /** Whether no other window was open when it opened. */
  alone: boolean
}

const WINDOW = 'fairlead-window'

/** Which window this is. Each holds a Web Lock under its id while it is open, and so sees the others. */
export async function ownWindow(): Promise<OwnWindow> {
  const id = sessionStorage.getItem(WINDOW) ?? crypto.getRandomValues(new Uint32Array(4)).join('-')
  sessionStorage.setItem(WINDOW, id)
  // Absent on plain http off loopback.
  const locks = navigator.locks as LockManager | undefined
  const name = `${WINDOW} ${id}`
  const held = (await locks?.query())?.held ?? []
  void locks?.request(name, { mode: 'shared' }, () => new Promise(() => undefined))
  return { id, alone: !held.some((lock) => lock.name?.startsWith(WINDOW) && lock.name !== name) }
}

/**
 * Calls `wake` when the device, its network or the window comes back, `leave` when the page may go. Where `ask` says so the
 * browser asks the person before the page goes. Returns what ends it.
 */
export function watchPage(on: { wake(): void; leave(): void; ask(): boolean }): () => void {
  if (!('document' in globalThis)) return () => undefined
  const watching = new AbortController()
  const { signal } = watching
  const turned = () => (document.visibilityState === 'hidden' ? on.leave() : on.wake())
  document.addEventListener('visibilitychange', turned, { signal })
  // A frozen page runs nothing until it is resumed, and may be discarded instead.
  document.addEventListener('freeze', on.leave, { signal })
  document.addEventListener('resume', on.wake, { signal })
  addEventListener('pagehide', on.leave, { signal })
  addEventListener(
    'beforeunload',
    (event) => {
      if (!on.ask()) return
      // While the browser asks there is time to write.
      on.leave()
      event.preventDefault()
    },
    { signal },
  )
  addEventListener('pageshow', on.wake, { signal })
  addEventListener('online', on.wake, { signal })
  return () => watching.abort()
}
