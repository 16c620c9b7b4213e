import { expect, test } from 'vitest'
import { forwardedTo, offersFor, withOffers } from '../../../pwa/model/offers.ts'
import type { Host } from '../../../pwa/store/schema.ts'
import type { Target } from '../../../shared/target.ts'

const offer = (id: string | undefined) =>
  id === undefined ? undefined : { publicKey: id, algorithms: ['ssh-ed25519'] }
const identities = { offer }
const target: Target & { username: string } = {
  scheme: 'ssh',
  host: 'db',
  port: 2222,
  username: 'ada',
  jump: [{ host: 'gate', username: 'guest' }, { host: 'inner' }],
}
const host: Host = {
  id: 'h',
  label: 'db',
  target,
  endpointId: 'e',
  saved: true,
  createdAt: 1,
  usedAt: 1,
  identityId: 'own',
  jumpIdentityIds: ['first', null],
  forwardAgent: true,
  legacyAlgorithms: true,
}

test('each part of the way is offered the key that is chosen for it, and no other', () => {
  const offers = offersFor(target, host, identities)
  expect(offers).toEqual([
    { host: 'gate', port: 22, username: 'guest', keys: [offer('first')], legacy: false },
    { host: 'inner', port: 22, username: 'ada', keys: [], legacy: false },
    { host: 'db', port: 2222, username: 'ada', keys: [offer('own')], legacy: true },
  ])
  const to = {
    host: 'db',
    port: 2222,
    username: 'ada',
    jump: [
      { host: 'gate', username: 'guest' },
      { host: 'inner', username: 'ada' },
    ],
  }
  expect(withOffers(to, offers)).toEqual({
    ...to,
    identities: [offer('own')],
    legacyAlgorithms: true,
    jump: [{ ...to.jump[0], identities: [offer('first')] }, to.jump[1]],
  })
})

test('what was chosen for a host counts only as long as it is the target', () => {
  const moved = { ...host, target: { ...target, host: 'other' } }
  expect(offersFor(target, moved, identities).flatMap(({ keys }) => keys)).toEqual([])
  expect(offersFor(target, undefined, identities).flatMap(({ keys }) => keys)).toEqual([])
  expect(forwardedTo(target, moved, identities)).toEqual([])
  const asAnother = { ...target, username: 'root' }
  expect(offersFor(asAnother, host, identities).at(-1)?.keys).toEqual([offer('own')])
})

test('keys are lent to programs on the host only where the person said so', () => {
  expect(forwardedTo(target, host, identities)).toEqual([offer('own')])
  expect(forwardedTo(target, { ...host, forwardAgent: false }, identities)).toEqual([])
})
