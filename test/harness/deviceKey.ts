import type { KeyObject } from 'node:crypto'
import type { Store } from '../../pwa/store/db.ts'

/** Keeps an Ed25519 key in a browser as one that signs there and is never given out; returns its id. */
export async function keepDeviceKey(store: Store, key: KeyObject, publicKey: string): Promise<string> {
  const pkcs8 = key.export({ format: 'der', type: 'pkcs8' })
  const keys = [await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign'])]
  const about = { kind: 'key' as const, keyType: 'ssh-ed25519', createdAt: 1, publicKey, consent: false }
  await store.identities.put({ id: 'laptop', label: 'Laptop', ...about, secret: { kind: 'device', keys } })
  return 'laptop'
}
