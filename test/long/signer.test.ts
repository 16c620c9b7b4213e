import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { checkLoginRequest } from '../../pwa/model/signer.ts'
import { chance } from '../harness/chance.ts'
import { readChangedRequests } from '../harness/changedRequests.ts'
import { loginData, makePair, mutated, offerOf, signPrompt } from '../harness/signedWorld.ts'

const host = makePair()
const person = makePair()

test('A-SIG-02 of ten million changed requests each is refused or read as what it is, byte for byte', () => {
  const requests = [loginData(randomBytes(32), person), loginData(randomBytes(32), person, { hostKey: host.blob })]
  const read = readChangedRequests(requests, 10_000_000, Date.now())
  expect(read).toBeGreaterThan(10_000)
})

test('A-SIG-02 of a hundred thousand changed prompts none is signed', async () => {
  const { stackTraceLimit } = Error
  // Most of the time would go into stacks that nobody reads.
  Error.stackTraceLimit = 0
  onTestFinished(() => {
    Error.stackTraceLimit = stackTraceLimit
  })
  const random = chance(Date.now())
  const prompt = signPrompt(host, person)
  const expected = { username: 'ada', hostKeys: [host.blob], key: offerOf(person), legacy: false }
  const fields = [
    'data',
    'clientKexInit',
    'serverKexInit',
    'clientPublic',
    'serverPublic',
    'sharedSecret',
    'hostSignature',
  ] as const
  for (let round = 0; round < 100_000; round++) {
    const field = fields[random(fields.length)] ?? 'data'
    const before = Buffer.from(field === 'data' ? prompt.data : prompt.exchange[field], 'base64')
    const changed = mutated(before, random)
    if (changed.equals(before)) continue
    const text = changed.toString('base64')
    const lie =
      field === 'data' ? { ...prompt, data: text } : { ...prompt, exchange: { ...prompt.exchange, [field]: text } }
    const outcome = await checkLoginRequest(lie, expected).then(
      () => 'signed',
      (error: { name: string }) => error.name,
    )
    if (outcome !== 'SignRefused') throw new Error(`${outcome}: ${field} ${text}`)
  }
})
