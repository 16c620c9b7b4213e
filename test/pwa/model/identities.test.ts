import 'fake-indexeddb/auto'
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Failed } from '../../../pwa/model/failure.ts'
import { Identities } from '../../../pwa/model/identities.ts'
import { keyKinds } from '../../../pwa/model/keys/makeKey.ts'
import { openedKey } from '../../../pwa/model/keys/openedKey.ts'
import type { OpenKey } from '../../../pwa/model/keys/openKey.ts'
import { readKey } from '../../../pwa/model/keys/readKey.ts'
import { verifySshSignature } from '../../../pwa/model/sshSignature.ts'
import { fromBase64 } from '../../../pwa/model/sshWire.ts'
import { Vault } from '../../../pwa/model/vault.ts'
import { openStore, type Store } from '../../../pwa/store/db.ts'
import type { Host } from '../../../pwa/store/schema.ts'
import { until } from '../../harness/browser.ts'

const dir = mkdtempSync(join(tmpdir(), 'fairlead-identities-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const keygen = (...args: string[]) => execFileSync('ssh-keygen', ['-q', ...args], { cwd: dir, encoding: 'utf8' })
const read = (name: string) => readFileSync(join(dir, name), 'utf8')
const data = new TextEncoder().encode('what is signed')
const passphrase = 'a long passphrase'

/** As the worker does it, without one. */
const openHere: OpenKey = async ({ text, passphrase, keepPlain }) =>
  openedKey(await readKey(text, passphrase), keepPlain)

const report = (error: unknown) => {
  throw error
}
const host = (id: string, fields: Partial<Host> = {}): Host => ({
  id,
  label: id,
  target: { scheme: 'ssh', host: id, jump: [] },
  endpointId: 'relay',
  saved: true,
  createdAt: 1,
  usedAt: 1,
  ...fields,
})
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Failed ? error.failure.code : String(error)),
  )

describe('identities', () => {
  let store: Store
  let vault: Vault
  let identities: Identities
  beforeEach(async () => {
    store = await openStore(randomUUID())
    vault = new Vault(store)
    identities = new Identities(store, vault, report, openHere)
  })
  afterEach(() => {
    vault.close()
    store.close()
  })

  it.each(keyKinds)('a %s key is made, offered, and signs what OpenSSH’s own form of it verifies', async (kind) => {
    const { id, publicKey = '', keyType } = await identities.make(kind, 'Mine', 'device')
    const offer = identities.offer(id)
    expect(offer).toEqual({
      publicKey,
      algorithms: keyType === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [keyType],
    })
    const key = await identities.signingKey(publicKey)
    for (const algorithm of offer?.algorithms ?? []) {
      const signature = (await key?.sign(algorithm, data)) ?? new Uint8Array()
      const what = { publicKey: fromBase64(publicKey), signature, algorithm, data }
      expect(await verifySshSignature(what, false)).toBe(true)
      expect(await verifySshSignature({ ...what, data: new Uint8Array([1]) }, false)).toBe(false)
    }
    await until(() => (store.identities.get(id)?.usedAt ?? 0) > 0)
    const { secret } = store.identities.get(id) ?? {}
    expect(secret?.kind === 'device' && secret.keys.every((one) => !one.extractable && one.usages[0] === 'sign')).toBe(
      true,
    )
  })

  it('a key is imported once: the same file again gives it its secret anew, and its name stays', async () => {
    keygen('-t', 'ed25519', '-N', '', '-C', 'me@home', '-f', 'once')
    const first = await identities.importKey({ text: read('once'), label: '' }, 'device')
    expect(first.label).toBe('me@home')
    await identities.rename(first.id, 'Home')
    await store.identities.update(first.id, (old) => ({ ...old, secret: { kind: 'ask' } }))
    expect(identities.offer(first.id)).toBeUndefined()
    expect(await identities.signingKey(first.publicKey ?? '')).toBeUndefined()
    const brief = await identities.importKey({ text: read('once'), label: 'Other' }, 'page')
    expect([brief.id, store.identities.get(first.id)?.secret.kind]).toEqual([first.id, 'ask'])
    expect(identities.offer(first.id)).toBeDefined()
    const again = await identities.importKey({ text: read('once'), label: 'Other' }, 'device')
    expect([again.id, again.label, again.secret.kind]).toEqual([first.id, 'Home', 'device'])
    expect(identities.list.value).toHaveLength(1)
  })

  it('a key for this page only is in no store, and signs', async () => {
    keygen('-t', 'ed25519', '-a', '2', '-N', passphrase, '-f', 'brief')
    expect(await code(identities.importKey({ text: read('brief'), label: '' }, 'page'))).toMatch(/passphrase/)
    const { id, publicKey = '' } = await identities.importKey({ text: read('brief'), label: '', passphrase }, 'page')
    expect([identities.list.value, store.identities.items.value]).toEqual([[], []])
    expect(identities.offer(id)?.publicKey).toBe(publicKey)
    expect(await (await identities.signingKey(publicKey))?.sign('ssh-ed25519', data)).toBeInstanceOf(Uint8Array)
  })

  it('A-SIG-03 a key in the vault signs while that is open, and is nowhere in clear', async () => {
    await vault.setUp(passphrase)
    keygen('-t', 'rsa', '-b', '2048', '-N', '', '-f', 'sealed')
    const { id, publicKey = '', secret } = await identities.importKey({ text: read('sealed'), label: 'S' }, 'vault')
    expect(secret.kind).toBe('sealed')
    const key = await identities.signingKey(publicKey)
    for (const algorithm of ['rsa-sha2-512', 'rsa-sha2-256']) {
      const signature = (await key?.sign(algorithm, data)) ?? new Uint8Array()
      expect(await verifySshSignature({ publicKey: fromBase64(publicKey), signature, algorithm, data }, false)).toBe(
        true,
      )
    }
    vault.lock()
    expect(identities.offer(id)?.publicKey).toBe(publicKey)
    const refused = code(key?.sign('rsa-sha2-512', data) ?? Promise.resolve())
    vault.decline()
    expect(await refused).toBe('vault-locked')
  })

  it('a made key can go into the vault as well', async () => {
    await vault.setUp(passphrase)
    const { publicKey = '', secret } = await identities.make('ecdsa-384', 'S', 'vault')
    expect(secret.kind).toBe('sealed')
    const signature = await (await identities.signingKey(publicKey))?.sign('ecdsa-sha2-nistp384', data)
    const what = { publicKey: fromBase64(publicKey), algorithm: 'ecdsa-sha2-nistp384', data }
    expect(await verifySshSignature({ ...what, signature: signature ?? new Uint8Array() }, false)).toBe(true)
  })

  it('a password is kept in the vault only', async () => {
    expect(await code(identities.addPassword('web1', 'me', 'correct horse'))).toBe('no-vault')
    await vault.setUp(passphrase)
    const { id, secret } = await identities.addPassword('web1', 'me', 'correct hörse')
    expect(secret.kind === 'sealed' && Buffer.from(secret.sealed.data).includes('correct hörse')).toBe(false)
    expect(secret.kind).toBe('sealed')
    expect(await identities.password(id)).toBe('correct hörse')
    expect(identities.offer(id)).toBeUndefined()
    vault.lock()
    const refused = code(identities.password(id))
    vault.decline()
    expect(await refused).toBe('vault-locked')
  })

  it('a certificate goes with its key, and no other is taken', async () => {
    keygen('-t', 'ed25519', '-N', '', '-f', 'ca')
    keygen('-t', 'ed25519', '-N', '', '-f', 'user')
    keygen('-t', 'ed25519', '-N', '', '-f', 'other')
    keygen('-s', 'ca', '-I', 'me at work', '-n', 'root,me', '-V', '+1d', '-z', '7', 'user.pub')
    keygen('-s', 'ca', '-I', 'me at work', 'other.pub')
    const { id, publicKey = '' } = await identities.importKey({ text: read('user'), label: 'U' }, 'device')
    expect(await code(identities.certify(id, read('other-cert.pub')))).toBe('certificate-of-other-key')
    expect(await code(identities.certify(id, read('user.pub')))).toBe('certificate-unreadable')
    keygen('-s', 'ca', '-I', 'host', '-h', 'other.pub')
    expect(await code(identities.certify(id, read('other-cert.pub')))).toBe('certificate-of-host')
    await identities.certify(id, read('user-cert.pub'))
    const blob = read('user-cert.pub').split(' ')[1] ?? ''
    expect(identities.offer(id)).toEqual({ publicKey, certificate: blob, algorithms: ['ssh-ed25519'] })
    expect((await identities.signingKey(blob))?.identityId).toBe(id)
    await identities.certify(id, undefined)
    expect(identities.offer(id)?.certificate).toBeUndefined()
  })

  it('what is removed is gone from the hosts that used it', async () => {
    const [one, other] = [
      await identities.make('ed25519', 'A', 'device'),
      await identities.make('ed25519', 'B', 'device'),
    ]
    await store.hosts.put(host('web1', { identityId: one.id, filesOpen: true }))
    await store.hosts.put(host('web2', { identityId: other.id, jumpIdentityIds: [one.id, other.id] }))
    expect(identities.usedBy(one.id).map(({ id }) => id)).toEqual(['web1', 'web2'])
    await identities.remove(one.id)
    expect(identities.get(one.id)).toBeUndefined()
    expect(store.hosts.get('web1')).toMatchObject({ filesOpen: true })
    expect(store.hosts.get('web1')).not.toHaveProperty('identityId')
    expect(store.hosts.get('web2')).toMatchObject({ identityId: other.id, jumpIdentityIds: [null, other.id] })
  })

  it('keys survive a reload of the page', async () => {
    const name = randomUUID()
    const before = await openStore(name)
    const { id, publicKey = '' } = await new Identities(before, vault, report, openHere).make(
      'ecdsa-256',
      'Kept',
      'device',
    )
    before.close()
    const after = await openStore(name)
    const again = new Identities(after, vault, report, openHere)
    expect(again.list.value.map((one) => one.id)).toEqual([id])
    expect(await (await again.signingKey(publicKey))?.sign('ecdsa-sha2-nistp256', data)).toBeInstanceOf(Uint8Array)
    after.close()
  })
})
