import { Failed } from '../failure.ts'
import type { Head, Outlet } from './outlet.ts'
import { saveBlob } from './saved.ts'

/** Bytes that a file may have where the browser gives nothing but memory. */
const MEMORY_MAX = 512 * 1024 * 1024
/** Bytes that are gathered into one blob, which a browser may move to its disk. */
const GATHERED = 8 * 1024 * 1024

/** A file that is gathered in memory and saved at its end: where there is no other way. At most 512 MiB. */
export async function openMemoryFile({ name, type, size = 0 }: Head): Promise<Outlet> {
  if (size > MEMORY_MAX) throw new Failed('too-large-here')
  let blobs: Blob[] = []
  let chunks: BlobPart[] = []
  let gathered = 0
  let total = 0
  const gather = () => {
    blobs.push(new Blob(chunks))
    chunks = []
    gathered = 0
  }
  return {
    ended: new AbortController().signal,
    async write(data) {
      total += data.byteLength
      if (total > MEMORY_MAX) throw new Failed('too-large-here')
      chunks.push(data.slice())
      gathered += data.byteLength
      if (gathered >= GATHERED) gather()
    },
    async close() {
      gather()
      saveBlob(new Blob(blobs, { type }), name, () => undefined)
      blobs = []
    },
    async fail() {
      blobs = []
      chunks = []
    },
  }
}
