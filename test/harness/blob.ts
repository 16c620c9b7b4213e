import { createHash } from 'node:crypto'

/** Base64 of something that has the form of a public key blob (RFC 4253 §6.6) of a type; another for each seed. */
export function blobOf(type: string, seed: string): string {
  const string = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  const body = createHash('sha256').update(seed).digest()
  return Buffer.concat([string(Buffer.from(type)), string(body)]).toString('base64')
}
