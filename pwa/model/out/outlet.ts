/** One file that leaves the app, as a row of bytes. */
export interface Outlet {
  /** Aborted, with a `Failed` as its reason, when the browser has ended it. */
  readonly ended: AbortSignal
  /** Adds bytes, which it keeps: they are of no use to others after it. Resolves when there is room for more, rejects with `Failed`. */
  write(data: Uint8Array): Promise<void>
  /** All bytes have come: resolves when the browser has them, and the file is whole under its name. */
  close(): Promise<void>
  /** There will be no more: what the browser has is shown as failed, never as whole. */
  fail(): Promise<void>
}

/** What the browser is told about a file before its bytes. */
export interface Head {
  /** Safe on this device; see `localName`. */
  name: string
  type: 'application/octet-stream' | 'application/zip'
  /** Bytes, where that is known beforehand. */
  size?: number
}

/** Begins a file. Rejects with `Failed`. */
export type OpenOutlet = (head: Head) => Promise<Outlet>
