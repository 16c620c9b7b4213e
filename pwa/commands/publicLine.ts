import { keyLine } from '../model/keys/keyText.ts'
import type { Identity } from '../store/schema.ts'

/** The line of a key for `authorized_keys`, with its name as the comment where it has none; undefined for a password. */
export function publicLine(identity: Identity | undefined): string | undefined {
  if (identity?.publicKey === undefined || identity.keyType === undefined) return undefined
  const { keyType: type, publicKey: blob, comment, label } = identity
  return keyLine({ type, blob, comment: comment || label })
}
