import { randomInt } from 'node:crypto'
import * as v from 'valibot'
import { expect, it, vi } from 'vitest'
import { Backup, checkBackup, readBackup, writeBackup } from '../../../pwa/model/backup.ts'
import { failureOf } from '../../../pwa/model/failure.ts'
import { least } from '../../../pwa/model/vaultKdf.ts'

vi.mock('../../../pwa/model/argon2.ts', () => import('../../harness/quickArgon2.ts'))

const passphrase = 'words for the backup'
const backup: Backup = {
  createdAt: 1,
  hosts: [
    {
      id: 'h',
      label: 'Web',
      target: { scheme: 'ssh', host: 'web.example', username: 'me', jump: [] },
      endpointId: 'own',
      saved: true,
      createdAt: 1,
      usedAt: 2,
    },
  ],
  endpoints: [{ id: 'own', label: 'local', url: 'http://127.0.0.1:8022', createdAt: 1 }],
  knownHosts: [{ id: 'web.example:22', keys: [{ type: 'ssh-ed25519', key: 'AAAA', addedAt: 1 }] }],
  identities: [
    {
      id: 'i',
      label: 'Key of the workshop',
      kind: 'key',
      createdAt: 1,
      secret: { kind: 'secret', bytes: Uint8Array.from([0, 1, 255]), version: 1 },
    },
  ],
  settings: undefined,
}

const code = (error: unknown) => failureOf(error).code
const read = (text: string, words = passphrase) => readBackup(text, words).then(() => 'read', code)
const written = writeBackup(backup, passphrase, least)

it('opens with its passphrase, as it was written', async () => {
  expect(await readBackup(await written, passphrase)).toEqual(backup)
})

it('shows nothing of what is in it', async () => {
  const text = await written
  for (const word of ['web.example', 'Key of the workshop', '127.0.0.1:8022', passphrase])
    expect(text).not.toContain(word)
})

it('C-IDB-02 is refused with another passphrase, cut short or changed', async () => {
  const text = await written
  const file = JSON.parse(text)
  const other = file.data.base64.startsWith('A') ? 'B' : 'A'
  expect(await read(text, 'another passphrase')).toBe('backup-refused')
  expect(await read(text.replace(file.data.base64, other + file.data.base64.slice(1)))).toBe('backup-refused')
  expect(await read(JSON.stringify({ ...file, kdf: { ...file.kdf, passes: 3 } }))).toBe('backup-refused')
  for (const cut of [0, 1, text.length >> 1, text.length - 1])
    expect(await read(text.slice(0, cut))).toBe('not-a-backup')
})

it('C-VLT-01 one that is protected too weakly, or would use up the device, is not tried', async () => {
  const file = JSON.parse(await written)
  const kdf = (change: object) => JSON.stringify({ ...file, kdf: { ...file.kdf, ...change } })
  expect(await read(kdf({ memory: 64 }))).toBe('backup-weakened')
  expect(await read(kdf({ salt: { base64: '' } }))).toBe('backup-weakened')
  for (const change of [{ memory: 2 ** 31 }, { passes: 1e9 }, { lanes: 0 }, { name: 'md5' }]) {
    expect(await read(kdf(change))).toBe('not-a-backup')
  }
  expect(await read(JSON.stringify({ ...file, version: 2 }))).toBe('backup-newer')
})

it('junk is no backup, whatever it is', async () => {
  const text = await written
  const junk = [
    '',
    '{}',
    '[]',
    'null',
    '"x"',
    '{"format":"fairlead backup"}',
    '\0\0',
    '[['.repeat(50_000),
    '{"__proto__":{}}',
  ]
  for (const one of junk) expect(() => checkBackup(one), one.slice(0, 20)).toThrow('no backup')
  for (let time = 0; time < 2_000; time++) {
    const at = randomInt(text.length)
    const changed = text.slice(0, at) + String.fromCharCode(randomInt(256)) + text.slice(at + 1 + randomInt(3))
    try {
      checkBackup(changed)
    } catch (error) {
      expect(['not-a-backup', 'backup-weakened', 'backup-newer']).toContain(code(error))
    }
  }
})

it('what is inside is judged as well, as junk of somebody who knows the passphrase', async () => {
  const bad = [
    null,
    {},
    { ...backup, hosts: [{ id: 7 }] },
    { ...backup, endpoints: [{ id: 'x', label: 'x', url: 'javascript:alert(1)', createdAt: 1 }] },
    { ...backup, endpoints: [{ id: 'x', label: 'x', url: 'https://relay.example/path', createdAt: 1 }] },
    { ...backup, identities: [{ ...backup.identities[0], secret: { kind: 'device', keys: [] } }] },
    { ...backup, knownHosts: Array.from({ length: 20_001 }, () => backup.knownHosts[0]) },
  ]
  expect(v.safeParse(Backup, backup).success).toBe(true)
  expect(bad.filter((inside) => v.safeParse(Backup, inside).success)).toEqual([])
  // The types would not let it be written.
  expect(await read(await writeBackup(bad[2] as Backup, passphrase, least))).toBe('not-a-backup')
})
