import { createHash } from 'node:crypto'
import type { Argon2Ask } from '../../pwa/model/argon2.ts'

/** In the place of `argon2`, for tests of what is done with its result: as sensitive to each parameter, at no cost. */
export async function argon2({ passphrase, salt, memory, passes, lanes }: Argon2Ask): Promise<Uint8Array> {
  const hash = createHash('sha256').update(`${memory} ${passes} ${lanes} ${passphrase.length} `)
  return new Uint8Array(hash.update(passphrase).update(salt).digest())
}
