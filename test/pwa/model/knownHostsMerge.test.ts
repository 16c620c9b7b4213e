import { expect, it } from 'vitest'
import { readKnownHosts } from '../../../pwa/model/knownHostsFile.ts'
import { mergedRecords, mergeOf } from '../../../pwa/model/knownHostsMerge.ts'
import type { KnownHost } from '../../../pwa/store/schema.ts'
import { blobOf } from '../../harness/blob.ts'

const [A, B, C] = ['a', 'b', 'c'].map((seed) => blobOf('ssh-ed25519', seed)) as [string, string, string]
const RSA = blobOf('ssh-rsa', 'r')
const ed = (key: string) => ({ type: 'ssh-ed25519', key, addedAt: 1 })

const known: KnownHost[] = [
  { id: 'web.example:22', keys: [ed(A)] },
  { id: 'line 1', keys: [ed(B)], line: { hosts: '*.lan' } },
  { id: 'line 2', keys: [ed(C)], line: { hosts: '*', marker: 'revoked' } },
]

const merge = (...lines: string[]) => mergeOf(readKnownHosts(lines.join('\n')), known)

it('tells what is new, the same, in conflict, local, and revoked', () => {
  const found = merge(
    `WEB.example. ssh-ed25519 ${A} again`,
    `web.example ssh-rsa ${RSA}`,
    `web.example ssh-ed25519 ${B}`,
    `new.example,new.example ssh-ed25519 ${B}`,
    `*.LAN ssh-ed25519 ${B}`,
    `*.lan ssh-ed25519 ${A}`,
    `localhost ssh-ed25519 ${A}`,
    `bad.example ssh-ed25519 ${C}`,
    `@revoked old.example ssh-ed25519 ${C}`,
  )
  expect(found.same).toBe(2)
  expect(found.added.map(({ hosts, entry }) => [hosts, entry.type, entry.key])).toEqual([
    ['web.example', 'ssh-rsa', RSA],
    ['new.example', 'ssh-ed25519', B],
    ['*.lan', 'ssh-ed25519', A],
    ['old.example', 'ssh-ed25519', C],
  ])
  expect(found.conflicts).toMatchObject([{ hosts: 'web.example', entry: { key: B }, known: [{ key: A }] }])
  expect(found.local.map(({ hosts }) => hosts)).toEqual(['localhost'])
  expect(found.revoked.map(({ hosts }) => hosts)).toEqual(['bad.example'])
})

it('writes what is new, and of the conflicts only those that were chosen', () => {
  const found = merge(`web.example ssh-ed25519 ${B} theirs`, `web.example ssh-rsa ${RSA}`, `*.org ssh-ed25519 ${A}`)
  const kept = mergedRecords(found, new Set(), known, 7)
  expect(kept.map(({ keys, line }) => [line?.hosts, keys.map(({ key }) => key)])).toEqual([
    [undefined, [A, RSA]],
    ['*.org', [A]],
  ])
  const replaced = mergedRecords(found, new Set(found.conflicts), known, 7)
  expect(replaced.find(({ id }) => id === 'web.example:22')?.keys).toEqual([
    { type: 'ssh-rsa', key: RSA, addedAt: 7, from: 'file' },
    { type: 'ssh-ed25519', key: B, addedAt: 7, from: 'file', comment: 'theirs' },
  ])
  expect(known[0]?.keys).toHaveLength(1)
  const announced: KnownHost = { id: 'web.example:22', keys: [ed(A), { ...ed(C), from: 'announced' }] }
  expect(mergedRecords(found, new Set(found.conflicts), [announced], 7)[0]?.keys.map(({ key }) => key)).toEqual([
    RSA,
    B,
  ])
})

it('two keys of one file for a host that is not known are both taken', () => {
  const found = merge(`new.example ssh-ed25519 ${A}`, `new.example ssh-ed25519 ${B}`)
  expect(mergedRecords(found, new Set(), known, 7)).toMatchObject([
    { id: 'new.example:22', keys: [{ key: A }, { key: B }] },
  ])
})
