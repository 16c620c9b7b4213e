import { Failed } from '../failure.ts'

/** Milliseconds for which a browser may still read what it saves. */
const READING = 10 * 60_000

/** Saves a finished file by a link, as browsers do; what it is made of is let go some minutes later. */
export function saveBlob(blob: Blob, name: string, done: () => void): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => {
    URL.revokeObjectURL(url)
    done()
  }, READING)
}

/** What a browser says about its own disk, in words for the person. */
export function diskFailure(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error
  if (error.name === 'QuotaExceededError') return new Failed('no-space-here', error)
  return new Failed('not-writable-here', error)
}
