import { expect, test } from 'vitest'
import { sealItem, vaultKey } from '../../pwa/model/vaultWrap.ts'

test('C-VLT-03 a million sealed items have a million nonces', async () => {
  const key = await vaultKey(crypto.getRandomValues(new Uint8Array(32)))
  const item = { id: 'one', type: 'identity', version: 1 }
  const nonces = new Set<string>()
  for (let time = 0; time < 1_000; time++) {
    const batch = Array.from({ length: 1_000 }, () => sealItem('vault', key, item, new Uint8Array(1)))
    for (const { nonce } of await Promise.all(batch)) nonces.add(Buffer.from(nonce).toString('latin1'))
  }
  expect(nonces.size).toBe(1_000_000)
})
