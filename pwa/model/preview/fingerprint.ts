import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

/** The SHA-256 of data that comes in pieces, in hexadecimal. It needs no secure context. */
export class Fingerprint {
  readonly #hash = sha256.create()
  #bytes = 0

  /** Takes the next piece. */
  add(data: Uint8Array): void {
    this.#hash.update(data)
    this.#bytes += data.length
  }

  /** Bytes that were taken. */
  get bytes(): number {
    return this.#bytes
  }

  /** Ends it. */
  hex(): string {
    return bytesToHex(this.#hash.digest())
  }
}

/** The SHA-256 of data, in hexadecimal. */
export function fingerprintOf(data: Uint8Array): string {
  return bytesToHex(sha256(data))
}
