import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import ssh2 from 'ssh2'
import type { OfferedKey } from '../../shared/protocol.ts'
import { messageOf } from './hostileServer.ts'
import type { SshKey } from './sshKey.ts'

/** A key as a browser has it: it offers the public half and signs. */
export interface RemoteKey {
  offer: OfferedKey
  /** The whole signature blob. */
  sign(algorithm: string, data: Uint8Array): Buffer
}

const hashes: Record<string, string> = {
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
}

/** Signs with a key of ssh-keygen. @param certificate the text of its `-cert.pub` */
export function remoteKey({ private: pem, public: line, blob }: SshKey, certificate?: string): RemoteKey {
  const parsed = ssh2.utils.parseKey(pem)
  if (parsed instanceof Error) throw parsed
  const key = createPrivateKey(parsed.getPrivatePEM())
  const type = line.split(' ')[0] ?? ''
  const algorithms = type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]
  return {
    offer: {
      publicKey: blob.toString('base64'),
      algorithms,
      ...(certificate !== undefined && { certificate: certificate.split(' ')[1] ?? '' }),
    },
    sign(algorithm, data) {
      if (!algorithms.includes(algorithm)) throw new Error(`not with ${algorithm}`)
      return strings(algorithm, raw(key, algorithm, data))
    },
  }
}

function raw(key: KeyObject, algorithm: string, data: Uint8Array): Buffer {
  const hash = hashes[algorithm] ?? null
  if (!algorithm.startsWith('ecdsa-')) return sign(hash, data, key)
  const fixed = sign(hash, data, { key, dsaEncoding: 'ieee-p1363' })
  return strings(mpint(fixed.subarray(0, fixed.length / 2)), mpint(fixed.subarray(fixed.length / 2)))
}

/** Strings of SSH one after the other. */
export function strings(...values: (Buffer | string)[]): Buffer {
  return messageOf(0, ...values).subarray(1)
}

function mpint(bytes: Buffer): Buffer {
  const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0))
  return (digits[0] ?? 0) < 0x80 ? digits : Buffer.concat([Buffer.alloc(1), digits])
}
