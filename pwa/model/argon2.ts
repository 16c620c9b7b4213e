import { argon2id } from 'hash-wasm'

/** What Argon2id (RFC 9106) is asked for: `memory` in KiB, an output of 32 bytes. */
export interface Argon2Ask {
  passphrase: Uint8Array
  salt: Uint8Array
  memory: number
  passes: number
  lanes: number
}

/** Computes it in this thread. Rejects where there is no WebAssembly, or too little memory. */
export function argon2({ passphrase, salt, memory, passes, lanes }: Argon2Ask): Promise<Uint8Array> {
  return argon2id({
    password: passphrase,
    salt,
    memorySize: memory,
    iterations: passes,
    parallelism: lanes,
    hashLength: 32,
    outputType: 'binary',
  })
}
