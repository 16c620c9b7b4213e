/** What Chromium asks a person about a file or folder of this device; TypeScript's library does not have it. */
type Asking = FileSystemHandle & {
  queryPermission?(how: { mode: 'read' | 'readwrite' }): Promise<PermissionState>
  requestPermission?(how: { mode: 'read' | 'readwrite' }): Promise<PermissionState>
}

/** Whether all of them may be used without asking. */
export async function areAllowed(handles: readonly FileSystemHandle[], mode: 'read' | 'readwrite'): Promise<boolean> {
  for (const handle of handles) {
    const said = await (handle as Asking).queryPermission?.({ mode })
    if (said !== undefined && said !== 'granted') return false
  }
  return true
}

/** Asks the person for those that may not be used yet; call it from a click. Whether all may be used now. */
export async function allow(handles: readonly FileSystemHandle[], mode: 'read' | 'readwrite'): Promise<boolean> {
  for (const handle of handles) {
    if (await areAllowed([handle], mode)) continue
    if ((await (handle as Asking).requestPermission?.({ mode })) !== 'granted') return false
  }
  return true
}
