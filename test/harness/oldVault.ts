import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { fromBase64 } from '../../pwa/model/sshWire.ts'
import { Sealed, VaultRecord } from '../../pwa/store/schema.ts'

const Item = v.object({ id: v.string(), type: v.string(), version: v.number() })
const File = v.object({
  passphrase: v.string(),
  recoveryCode: v.string(),
  record: VaultRecord,
  items: v.tuple([
    v.object({ item: Item, sealed: Sealed, text: v.string() }),
    v.object({ item: Item, sealed: Sealed, publicKey: v.string() }),
  ]),
})

/** A vault as version 1 of its format left it, with Argon2id at its floor: a text and the PKCS#8 of an Ed25519 key are sealed in it. */
export function oldVault(): v.InferOutput<typeof File> {
  const text = readFileSync(new URL('../fixtures/vault-1.json', import.meta.url), 'utf8')
  const bytes = (_: string, value: unknown) =>
    typeof value === 'object' && value !== null && 'base64' in value ? fromBase64(String(value.base64)) : value
  return v.parse(File, JSON.parse(text, bytes))
}
