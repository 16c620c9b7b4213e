import { hmac } from '@noble/hashes/hmac.js'
import { sha1 } from '@noble/hashes/legacy.js'
import { toBase64 } from './sshWire.ts'

const HASHED = /^\|1\|([A-Za-z0-9+/]{27}=)\|([A-Za-z0-9+/]{27}=)$/

/** Whether a hashed name (`|1|salt|hash`, HMAC-SHA1 under the salt) is that of `name`, which is as `fileName` gives it. */
export function hashFits(hosts: string, name: string): boolean {
  const [, salt, hash] = HASHED.exec(hosts) ?? []
  if (salt === undefined) return false
  const key = Uint8Array.from(atob(salt), (character) => character.charCodeAt(0))
  return toBase64(hmac(sha1, key, new TextEncoder().encode(name))) === hash
}
