/** One file on its way to the person's disk. Bytes come in order, each exactly once. */
export interface Sink {
  /** Bytes that are there already and are gone on from: 0 where there are none, or where it cannot. */
  readonly have: number
  /**
   * Adds the bytes at `offset`, which is where the last ended, and keeps them: they are of no use to others after it. Resolves
   * when there is room for more. Rejects with `Failed` where the disk is full or the browser has ended the download.
   */
  write(offset: number, data: Uint8Array): Promise<void>
  /** Makes it whole under its name; only when every byte was written. */
  close(): Promise<void>
  /** Lets go of it unfinished: what was written is taken back, or kept for a later `open` of the same path. */
  abort(keep: boolean): Promise<void>
}

/** What lies already where a file would go. */
export interface Existing {
  size: number
  /** Milliseconds since 1970. */
  modifiedAt: number
}

/**
 * Where the files of one download go. Paths are the server's names from what was chosen downwards; the goal finds names
 * that are safe on this device, and none leads out of it.
 */
export interface DownloadGoal {
  /** `handle` goes on after a reload; `stream` and `zip` end with the page. */
  readonly kind: 'handle' | 'stream' | 'zip'
  /** Kept with the transfer, to go on after a reload. */
  readonly handle?: FileSystemDirectoryHandle | FileSystemFileHandle
  /** Aborted, with a `Failed` as its reason, when the browser or the person at the browser has ended it from outside. */
  readonly ended: AbortSignal
  /**
   * Begins a file, or goes on with it. In a zip and in a stream a sink's bytes wait for the files opened before it.
   * @param size bytes that will come; fewer or more is a failure
   * @param modifiedAt milliseconds since 1970
   * @param existing what becomes of a file of that name that is there and is not this download's own
   */
  open(path: readonly string[], size: number, modifiedAt: number, existing?: 'keep-both' | 'replace'): Promise<Sink>
  /** Makes a directory, which may stay empty. */
  directory(path: readonly string[], modifiedAt?: number): Promise<void>
  /** What lies there already that is not this download's own. */
  there?(path: readonly string[]): Promise<Existing | undefined>
  /** Everything has come. */
  close(): Promise<void>
  /** It ends without everything: whatever would look whole and is not, is taken back. */
  fail(error: unknown): Promise<void>
}
