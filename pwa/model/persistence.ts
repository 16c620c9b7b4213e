/**
 * Asks the browser not to clear this site's storage by itself. To be called when something is made that is lost with it: a
 * vault, a key. Some browsers ask the person, and may never hear an answer; what is decided is shown, not waited for.
 */
export function askToPersist(): void {
  const storage = globalThis.navigator?.storage as StorageManager | undefined
  const asked = storage?.persisted?.().then((kept) => kept || storage.persist?.())
  asked?.catch(() => console.warn('The browser cannot say whether it keeps what is stored.'))
}

/** Whether the browser has promised to keep this site's storage; undefined where it cannot say. */
export async function persisted(): Promise<boolean | undefined> {
  const storage = globalThis.navigator?.storage as StorageManager | undefined
  return storage?.persisted?.()
}
