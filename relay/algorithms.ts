import type { Algorithms, KexAlgorithm, ServerHostKeyAlgorithm } from 'ssh2'

/**
 * What the relay agrees to with a server: no SHA-1, no CBC, no compression; aes128-gcm first, since it costs the
 * least here, chacha20-poly1305 last, since it is taken with strict key exchange only. What a server may do within it is
 * bounded by `negotiation.ts`.
 */
const algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group-exchange-sha256',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} satisfies Algorithms

/** What the built-in host offers: of that, only what ssh-audit has nothing against, since its clients are of today. */
export const hostAlgorithms = {
  ...algorithms,
  kex: algorithms.kex.filter((name) => !/nistp|group-exchange/.test(name)),
  hmac: algorithms.hmac.filter((name) => name.includes('-etm@')),
} satisfies Algorithms

const hostKeys: ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

/** What a person may allow for one old server: SHA-1 in a signature, a key exchange or an HMAC, and nothing else. */
const legacy = {
  kex: ['diffie-hellman-group14-sha1'] as KexAlgorithm[],
  hmac: ['hmac-sha1-etm@openssh.com', 'hmac-sha1'] as const,
  hostKeys: ['ssh-rsa'] as ServerHostKeyAlgorithm[],
}

/** The host key algorithms that are asked for, the best first. */
export function hostKeyAlgorithms(old: boolean): ServerHostKeyAlgorithm[] {
  return old ? [...hostKeys, ...legacy.hostKeys] : hostKeys
}

/**
 * What the relay offers to a server, in lists of the caller's own: ssh2 changes what it is given.
 * @param old whether what old servers have is taken as a last resort
 */
export function algorithmsFor(old: boolean): Required<Algorithms> {
  return {
    kex: old ? [...algorithms.kex, ...legacy.kex] : [...algorithms.kex],
    cipher: [...algorithms.cipher],
    hmac: old ? [...algorithms.hmac, ...legacy.hmac] : [...algorithms.hmac],
    compress: [...algorithms.compress],
    serverHostKey: [...hostKeyAlgorithms(old)],
  } as Required<Algorithms>
}
