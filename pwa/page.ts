/** Calls `wake` when the device, its network or the window comes back, `leave` when the page may go. Returns what ends it. */
export function watchPage(on: { wake(): void; leave(): void }): () => void {
  if (!('document' in globalThis)) return () => undefined
  const watching = new AbortController()
  const { signal } = watching
  const turned = () => (document.visibilityState === 'hidden' ? on.leave() : on.wake())
  document.addEventListener('visibilitychange', turned, { signal })
  addEventListener('pagehide', on.leave, { signal })
  addEventListener('pageshow', on.wake, { signal })
  addEventListener('online', on.wake, { signal })
  return () => watching.abort()
}
