/** What a person gives to be uploaded: a file or a directory, with where it belongs below the target directory. */
export interface UploadSource {
  /** Its names from the target directory on, the last its own; at least one. */
  path: readonly string[]
  kind: 'file' | 'directory'
  /** The file as it is now; rejects with `Failed` where it cannot be read. Absent for a directory. */
  file?: () => Promise<File>
  /** Kept, it gives the file again after a reload, where the person allows it. Of a file that was given itself. */
  handle?: FileSystemFileHandle
  /** The same for a file in a directory that was given: that directory, which the first name of the path is of. */
  root?: FileSystemDirectoryHandle
  /** Bytes. */
  size?: number
  /** Milliseconds since 1970. */
  modifiedAt?: number
}
