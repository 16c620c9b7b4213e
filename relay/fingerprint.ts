import { createHash } from 'node:crypto'

/** `SHA256:` and the unpadded base64 of the digest of a key blob, as OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}
