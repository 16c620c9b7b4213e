import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { agentAlgorithm, readAgentRequest } from '../../../pwa/model/agentRequest.ts'
import { strings } from '../../harness/remoteKey.ts'
import { loginData, makePair } from '../../harness/signedWorld.ts'

const sshsig = (namespace: string, hash: string, digest: Buffer, more = Buffer.alloc(0)) =>
  Buffer.concat([Buffer.from('SSHSIG'), strings(namespace, '', hash, digest), more])

test('logins and messages are told apart', () => {
  const hostKey = makePair().blob
  const login = readAgentRequest(loginData(randomBytes(32), makePair(), { hostKey, username: 'ada' }))
  expect(login).toMatchObject({ kind: 'login', login: { username: 'ada', hostKey } })
  expect(readAgentRequest(sshsig('git', 'sha512', randomBytes(64)))).toEqual({ kind: 'message', namespace: 'git' })
  expect(readAgentRequest(sshsig('file', 'sha256', randomBytes(32)))).toEqual({ kind: 'message', namespace: 'file' })
})

test.each<[name: string, data: Buffer]>([
  ['random bytes', randomBytes(32)],
  ['nothing', Buffer.alloc(0)],
  ['a message without a purpose', sshsig('', 'sha512', randomBytes(64))],
  ['another hash', sshsig('git', 'md5', randomBytes(16))],
  ['a name of every object', sshsig('git', 'toString', randomBytes(16))],
  ['a hash of another length', sshsig('git', 'sha512', randomBytes(32))],
  ['more than a message', sshsig('git', 'sha512', randomBytes(64), Buffer.alloc(1))],
  ['a file itself', Buffer.from('SSHSIG and so on')],
])('what nobody could judge is not read: %s', (_name, data) => {
  expect(() => readAgentRequest(data)).toThrow(expect.objectContaining({ name: 'WireError' }))
})

test('RSA signs with SHA-2 or not at all', () => {
  const rsa = ['rsa-sha2-512', 'rsa-sha2-256']
  expect(agentAlgorithm(rsa, 2)).toBe('rsa-sha2-256')
  expect(agentAlgorithm(rsa, 4)).toBe('rsa-sha2-512')
  expect(agentAlgorithm(rsa, 0)).toBeUndefined()
  expect(agentAlgorithm(['rsa-sha2-512'], 2)).toBeUndefined()
  expect(agentAlgorithm(['ssh-ed25519'], 0)).toBe('ssh-ed25519')
  expect(agentAlgorithm(['ssh-ed25519'], 4)).toBe('ssh-ed25519')
})
