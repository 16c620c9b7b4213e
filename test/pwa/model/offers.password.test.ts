import { expect, it } from 'vitest'
import { passwordFor } from '../../../pwa/model/offers.ts'
import type { Host, Identity } from '../../../pwa/store/schema.ts'

const password = (id: string, username: string): Identity => ({
  id,
  label: id,
  kind: 'password',
  createdAt: 1,
  username,
  secret: { kind: 'ask' },
})
const kept = [password('web', 'me'), password('hop', 'jumper'), { ...password('key', 'me'), kind: 'key' as const }]
const identities = {
  get: (id: string | undefined) => kept.find((one) => one.id === id),
  password: async (id: string) => `secret of ${id}`,
}
const target = {
  scheme: 'ssh' as const,
  host: 'web1',
  username: 'me',
  jump: [{ host: 'bastion', port: 2222, username: 'jumper' }],
}
const host = (fields: Partial<Host>): Host => ({
  id: 'h',
  label: 'h',
  target,
  endpointId: 'e',
  saved: true,
  createdAt: 1,
  usedAt: 1,
  ...fields,
})
const web1 = { host: 'web1', port: 22, username: 'me' }
const bastion = { host: 'bastion', port: 2222, username: 'jumper' }
const chosen = host({ identityId: 'web', jumpIdentityIds: ['hop'] })

it('the password that is chosen for a part of the way goes there and nowhere else', async () => {
  expect(await passwordFor(target, chosen, identities, web1)).toBe('secret of web')
  expect(await passwordFor(target, chosen, identities, bastion)).toBe('secret of hop')
  for (const at of [
    { ...web1, host: 'web2' },
    { ...web1, port: 23 },
    { ...web1, username: 'root' },
    { ...bastion, username: 'me' },
  ]) {
    expect(passwordFor(target, chosen, identities, at)).toBeUndefined()
  }
})

it('without a choice, for a key, and for another way the person is asked', () => {
  expect(passwordFor(target, undefined, identities, web1)).toBeUndefined()
  expect(passwordFor(target, host({}), identities, web1)).toBeUndefined()
  expect(passwordFor(target, host({ identityId: 'key' }), identities, web1)).toBeUndefined()
  expect(passwordFor(target, host({ identityId: 'gone' }), identities, web1)).toBeUndefined()
  expect(passwordFor({ ...target, jump: [] }, chosen, identities, web1)).toBeUndefined()
})

it('a password of another user is not sent', () => {
  expect(passwordFor(target, host({ identityId: 'hop' }), identities, web1)).toBeUndefined()
})
