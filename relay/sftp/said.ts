import { decodeName, visibleName } from '../../shared/fileName.ts'

/** UTF-16 units of what a server says that are passed on. */
const SAID_MAX = 200

/** What says no more than the code does. */
const empty = new Set(['', 'failure', 'success', 'no such file', 'permission denied', 'operation unsupported'])

/** What a server says of a failure, fit to be shown: nothing in it acts, and its length is bounded. Undefined where it says nothing. */
export function saidOf(message: Uint8Array): string | undefined {
  const text = visibleName(decodeName(message.subarray(0, 4 * SAID_MAX)).trim())
    .map((part) => part.text)
    .join('')
  if (empty.has(text.toLowerCase().replace(/[.!]$/, ''))) return undefined
  return text.length > SAID_MAX ? `${text.slice(0, SAID_MAX - 1)}…` : text
}
