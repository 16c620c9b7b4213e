/**
 * Keeps the browser from opening what is dropped where nothing takes it, which would take the app away. Text may still be
 * dropped into fields. Returns what ends it.
 */
export function guardDrops(): () => void {
  const guarding = new AbortController()
  const guard = (event: DragEvent) => {
    if (event.defaultPrevented || !event.dataTransfer) return
    const { types } = event.dataTransfer
    // What the app's own lists carry hurts nobody, and is taken by a listener that may come later.
    if (types.some((type) => type.startsWith('application/x-fairlead-'))) return
    const files = types.includes('Files')
    const field = event.target instanceof Element && event.target.closest('input, textarea, [contenteditable]')
    if (field && !files) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'none'
  }
  addEventListener('dragover', guard, guarding)
  addEventListener('drop', guard, guarding)
  return () => guarding.abort()
}
