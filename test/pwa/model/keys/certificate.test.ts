import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readCertificate, validity } from '../../../../pwa/model/keys/certificate.ts'
import { chance } from '../../../harness/chance.ts'

const dir = mkdtempSync(join(tmpdir(), 'fairlead-certificate-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const keygen = (...args: string[]) =>
  execFileSync('ssh-keygen', ['-q', ...args], { cwd: dir, env: { ...process.env, TZ: 'UTC' } })
const read = (name: string) => readFileSync(join(dir, name), 'utf8')

describe('a certificate of ssh-keygen', () => {
  keygen('-t', 'ed25519', '-N', '', '-f', 'ca')
  it.each([['ed25519'], ['ecdsa'], ['rsa']])('for a key of type %s says what ssh-keygen put into it', (type) => {
    keygen('-t', type, '-N', '', '-f', type)
    const options = ['-O', 'force-command=true', '-O', 'source-address=10.0.0.0/8']
    keygen(
      '-s',
      'ca',
      '-I',
      'me at wörk',
      '-n',
      'root,me',
      '-V',
      '20260101:20260201',
      '-z',
      '7',
      ...options,
      `${type}.pub`,
    )
    const [, publicKey] = read(`${type}.pub`).split(' ')
    expect(readCertificate(read(`${type}-cert.pub`))).toMatchObject({
      blob: read(`${type}-cert.pub`).split(' ')[1],
      publicKey,
      kind: 'user',
      keyId: 'me at wörk',
      serial: '7',
      principals: ['root', 'me'],
      validFrom: Date.UTC(2026, 0, 1),
      validUntil: Date.UTC(2026, 1, 1),
      bounds: ['force-command', 'source-address'],
    })
  })

  it('is valid from its first second until its last, or for ever', () => {
    const certificate = readCertificate(read('rsa-cert.pub'))
    if (!certificate) throw new Error('not read')
    expect([-1, 0, 31 * 86_400_000].map((ms) => validity(certificate, Date.UTC(2026, 0, 1) + ms))).toEqual([
      'not-yet',
      'valid',
      'expired',
    ])
    keygen('-s', 'ca', '-I', 'for ever', 'rsa.pub')
    const lasting = readCertificate(read('rsa-cert.pub'))
    expect(lasting).not.toHaveProperty('validUntil')
    expect(lasting).toMatchObject({ principals: [], serial: '0' })
  })

  it('that is damaged is none, or another one: 2,000 damaged lines', () => {
    const [type, blob = ''] = read('ed25519-cert.pub').split(' ')
    const bytes = Buffer.from(blob, 'base64')
    const random = chance(3)
    let read_ = 0
    for (let round = 0; round < 2_000; round++) {
      const copy = Buffer.from(bytes.subarray(0, random(bytes.length + 1)))
      if (copy.length > 0 && random(2)) copy[random(copy.length)] = random(256)
      if (readCertificate(`${type} ${copy.toString('base64')}`)) read_++
    }
    expect(read_).toBeLessThan(60)
  })
})
