import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkLoginRequest, type ExpectedLogin, type SignPrompt } from '../../../pwa/model/signer.ts'
import type { RefusalReason } from '../../../pwa/model/signRefused.ts'
import { chance } from '../../harness/chance.ts'
import { strings } from '../../harness/remoteKey.ts'
import {
  exchangeWith,
  kexHashes,
  kexInit,
  loginData,
  makePair,
  mutated,
  offerOf,
  type Pair,
  signedBy,
  signPrompt,
} from '../../harness/signedWorld.ts'

const host = makePair()
const other = makePair()
const person = makePair()
const prompt = signPrompt(host, person)

function expected(more: Partial<ExpectedLogin> = {}): ExpectedLogin {
  return { username: 'ada', hostKeys: [host.blob], key: offerOf(person), legacy: false, ...more }
}

/** The prompt with other data to be signed, over the same session. */
function withData(data: Buffer): SignPrompt {
  return { ...prompt, data: data.toString('base64') }
}

const sessionId = Buffer.from(prompt.data, 'base64').subarray(4, 36)

describe('what was begun is signed', () => {
  test.each(Object.keys(kexHashes))('by %s', async (kex) => {
    const asked = signPrompt(host, person, { kex })
    const checked = await checkLoginRequest(asked, expected({ legacy: kex.endsWith('-sha1') }))
    expect(Buffer.from(checked.data)).toEqual(Buffer.from(asked.data, 'base64'))
    expect(checked.algorithm).toBe('ssh-ed25519')
  })

  test.each([
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-256',
    'rsa-sha2-512',
  ])('of a host with %s', async (algorithm) => {
    const own = makePair(algorithm)
    await checkLoginRequest(signPrompt(own, person), expected({ hostKeys: [own.blob] }))
  })

  test('bound to the host', async () => {
    const checked = await checkLoginRequest(signPrompt(host, person, { hostBound: true }), expected())
    expect(Buffer.from(checked.data).includes('hostbound')).toBe(true)
    expect(Buffer.from(checked.hostKey)).toEqual(host.blob)
  })

  test('of a host that has several keys', async () => {
    await checkLoginRequest(prompt, expected({ hostKeys: [other.blob, host.blob] }))
  })

  test('with a certificate', async () => {
    const certificate = strings('ssh-ed25519-cert-v01@openssh.com', 'anything')
    const { exchange, sessionId } = exchangeWith(host)
    const data = loginData(sessionId, { blob: certificate, algorithm: 'ssh-ed25519-cert-v01@openssh.com' })
    const asked = { ...prompt, exchange, data: data.toString('base64'), publicKey: certificate.toString('base64') }
    const key = { ...offerOf(person), certificate: certificate.toString('base64') }
    expect((await checkLoginRequest(asked, expected({ key }))).algorithm).toBe('ssh-ed25519')
    await expect(checkLoginRequest(asked, expected())).rejects.toThrow('other-key')
  })
})

describe('A-SIG-01 all else is refused', () => {
  const good = Buffer.from(prompt.data, 'base64')
  const rsa: Pair = { ...person, algorithm: 'rsa-sha2-512' }
  const hashSized = randomBytes(32)
  const cases: [name: string, asked: SignPrompt, reason: RefusalReason][] = [
    ['another session id', withData(loginData(randomBytes(32), person)), 'other-session'],
    ['another user', withData(loginData(sessionId, person, { username: 'root' })), 'other-user'],
    ['a user with a byte-order mark', withData(loginData(sessionId, person, { username: '\ufeffada' })), 'other-user'],
    ['another key', withData(loginData(sessionId, other)), 'other-key'],
    ['another algorithm', withData(loginData(sessionId, rsa)), 'other-algorithm'],
    ['an algorithm that was not offered', { ...prompt, algorithm: 'ssh-rsa' }, 'other-algorithm'],
    ['another service', withData(loginData(sessionId, person, { service: 'ssh-userauth' })), 'malformed'],
    ['another method', withData(loginData(sessionId, person, { method: 'password' })), 'malformed'],
    ['hostbased', withData(loginData(sessionId, person, { method: 'hostbased' })), 'malformed'],
    ['trailing bytes', withData(Buffer.concat([good, Buffer.alloc(1)])), 'malformed'],
    ['missing bytes', withData(good.subarray(0, -1)), 'malformed'],
    ['a request without a signature', withData(flipped(good, good.indexOf('publickey') + 9)), 'malformed'],
    [
      'SSHSIG',
      withData(Buffer.concat([Buffer.from('SSHSIG'), strings('git', '', 'sha512', randomBytes(64))])),
      'malformed',
    ],
    ['32 random bytes', withData(hashSized), 'malformed'],
    ['nothing', withData(Buffer.alloc(0)), 'malformed'],
    ['no base64', { ...prompt, data: 'A' }, 'malformed'],
    ['bound to another host', withData(loginData(sessionId, person, { hostKey: other.blob })), 'host-not-accepted'],
    ['H for another host key', signPrompt(other, person), 'other-session'],
    ['H for another host key, with a signature of the accepted one', colluding(), 'other-session'],
    [
      'H that cannot be recomputed',
      { ...prompt, exchange: { ...prompt.exchange, clientPublic: 'AAAA' } },
      'other-session',
    ],
    ['no group where one is needed', withoutGroup(), 'malformed'],
    ['a key exchange with SHA-1', signPrompt(host, person, { kex: 'diffie-hellman-group14-sha1' }), 'malformed'],
    ['a bad host signature', signedBadly(randomBytes(32)), 'host-did-not-sign'],
    ['a host signature of another key', hostSignature(signedBy(other, sessionId)), 'host-did-not-sign'],
    ['a host signature cut short', hostSignature(strings('ssh-ed25519', randomBytes(63))), 'host-did-not-sign'],
    [
      'a host signature with more behind it',
      hostSignature(Buffer.concat([signedBy(host, sessionId), Buffer.alloc(1)])),
      'malformed',
    ],
    ['no host signature', { ...prompt, exchange: { ...prompt.exchange, hostSignature: '' } }, 'malformed'],
    [
      'an identification that is not made of bytes',
      { ...prompt, exchange: { ...prompt.exchange, serverVersion: 'SSH-2.0-\u0142' } },
      'malformed',
    ],
  ]
  test.each(cases)('%s', async (_name, asked, reason) => {
    await expect(checkLoginRequest(asked, expected())).rejects.toMatchObject({ name: 'SignRefused', reason })
  })

  test('for a host whose key nobody has accepted', async () => {
    await expect(checkLoginRequest(prompt, expected({ hostKeys: [] }))).rejects.toMatchObject({
      reason: 'host-not-accepted',
    })
  })

  test('for a host key that is none', async () => {
    const blob = strings('ssh-ed25519', 'short')
    const { exchange, sessionId: id } = exchangeWith({ ...host, blob })
    const asked = { ...prompt, exchange, data: loginData(id, person).toString('base64') }
    await expect(checkLoginRequest(asked, expected({ hostKeys: [blob] }))).rejects.toMatchObject({
      reason: 'host-did-not-sign',
    })
  })

  /** The relay has a session with T, and M, whose key was accepted, signs its id. */
  function colluding(): SignPrompt {
    const { exchange, sessionId: target } = exchangeWith(other)
    const signature = signedBy(host, target).toString('base64')
    const data = loginData(target, person).toString('base64')
    return { ...prompt, data, exchange: { ...exchange, hostSignature: signature } }
  }

  function withoutGroup(): SignPrompt {
    const asked = signPrompt(host, person, { kex: 'diffie-hellman-group-exchange-sha256' })
    const { group: _, ...exchange } = asked.exchange
    return { ...asked, exchange }
  }

  function signedBadly(over: Buffer): SignPrompt {
    return hostSignature(signedBy(host, over))
  }

  function hostSignature(signature: Buffer): SignPrompt {
    return { ...prompt, exchange: { ...prompt.exchange, hostSignature: signature.toString('base64') } }
  }
})

test('the hash follows from what both sides said, not from the order of the server', async () => {
  const kex = ['ecdh-sha2-nistp384', 'curve25519-sha256']
  const lists = {
    client: kexInit(kex, ['rsa-sha2-512', 'ssh-ed25519']),
    server: kexInit([...kex].reverse(), ['ssh-ed25519']),
  }
  const right = exchangeWith(host, 'ecdh-sha2-nistp384', lists)
  const wrong = exchangeWith(host, 'curve25519-sha256', lists)
  const ask = ({ exchange, sessionId: id }: typeof right) =>
    checkLoginRequest({ ...prompt, exchange, data: loginData(id, person).toString('base64') }, expected())
  await ask(right)
  await expect(ask(wrong)).rejects.toMatchObject({ reason: 'other-session' })
})

test('A-SIG-02 of changed requests none is signed but the very one', async () => {
  const random = chance(4)
  const good = Buffer.from(prompt.data, 'base64')
  let refused = 0
  for (let round = 0; round < 2_000; round++) {
    const data = mutated(good, random)
    if (data.equals(good)) continue
    const outcome = await checkLoginRequest(withData(data), expected()).then(
      () => 'signed',
      (error: { name: string }) => error.name,
    )
    if (outcome !== 'SignRefused') throw new Error(`${outcome}: ${data.toString('hex')}`)
    refused += 1
  }
  expect(refused).toBeGreaterThan(1_800)
  await checkLoginRequest(prompt, expected())
})

function flipped(data: Buffer, at: number): Buffer {
  const copy = Buffer.from(data)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}
