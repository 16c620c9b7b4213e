/** The SHA-256 of bytes that come piece by piece, in hexadecimal. */
export interface Digest {
  update(data: Uint8Array): void
  end(): string
}

/** Begins one. WebCrypto takes whole messages only, so it is computed in WebAssembly, which is loaded when first needed. */
export async function beginDigest(): Promise<Digest> {
  const { createSHA256 } = await import('hash-wasm')
  const hash = await createSHA256()
  hash.init()
  return { update: (data) => void hash.update(data), end: () => hash.digest('hex') }
}

/** The SHA-256 of a file, in hexadecimal, read in constant memory. */
export async function digestOf(file: Blob, signal: AbortSignal): Promise<string> {
  const digest = await beginDigest()
  const size = 4 * 1024 * 1024
  for (let at = 0; at < file.size; at += size) {
    signal.throwIfAborted()
    digest.update(new Uint8Array(await file.slice(at, at + size).arrayBuffer()))
  }
  return digest.end()
}
