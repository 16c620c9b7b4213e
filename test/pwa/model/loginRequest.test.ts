import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { readLoginRequest, writeLoginRequest } from '../../../pwa/model/loginRequest.ts'
import { readChangedRequests } from '../../harness/changedRequests.ts'
import { loginData, makePair } from '../../harness/signedWorld.ts'

const person = makePair()
const hostKey = makePair().blob
const requests = [
  loginData(randomBytes(32), person),
  loginData(randomBytes(64), person, { hostKey, username: 'Zoë' }),
  loginData(Buffer.alloc(0), { blob: Buffer.alloc(0), algorithm: '' }, { username: '' }),
]

test('what is read is what was written, and the other way round', () => {
  for (const data of requests) expect(Buffer.from(writeLoginRequest(readLoginRequest(data)))).toEqual(data)
  expect(readLoginRequest(requests[1] ?? Buffer.alloc(0))).toMatchObject({
    username: 'Zoë',
    algorithm: 'ssh-ed25519',
    publicKey: person.blob,
    hostKey,
  })
})

test('A-SIG-02 of a hundred thousand changed requests each is refused or read as what it is, byte for byte', () => {
  const read = readChangedRequests(requests, 100_000, 11)
  // Neither all refused, which would prove nothing, nor most taken.
  expect(read).toBeGreaterThan(100)
  expect(read).toBeLessThan(80_000)
})
