import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { algorithmsOf, sshSignature } from '../../../../pwa/model/keys/algorithms.ts'
import { KeyProblem } from '../../../../pwa/model/keys/keyProblem.ts'
import { openedKey } from '../../../../pwa/model/keys/openedKey.ts'
import { readKey } from '../../../../pwa/model/keys/readKey.ts'
import { toBase64, WireReader } from '../../../../pwa/model/sshWire.ts'
import { chance } from '../../../harness/chance.ts'
import { damaged } from '../../../harness/damaged.ts'

const passphrase = 'open sesame'
const putty = fileURLToPath(new URL('./putty/', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'fairlead-keys-'))
const run = (program: string, args: string[], input?: string) =>
  execFileSync(program, args, { cwd: dir, encoding: 'utf8', ...(input !== undefined && { input }) })

afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Makes a key with ssh-keygen and gives its file and its public line. */
function sshKeygen(name: string, args: string[], secret = ''): { file: string; text: string; line: string } {
  const file = join(dir, name)
  run('ssh-keygen', ['-q', '-N', secret, '-C', 'a comment', '-f', file, ...args])
  return { file, text: readFileSync(file, 'utf8'), line: readFileSync(`${file}.pub`, 'utf8').trim() }
}

const blobOf = (line: string) => line.split(' ')[1] ?? ''
const code = async (text: string, secret?: string) => {
  try {
    await readKey(text, secret)
  } catch (error) {
    if (error instanceof KeyProblem) return error.code
    throw error
  }
  return 'read'
}

describe('a key file of ssh-keygen', () => {
  const kinds = [
    ['ed25519'],
    ['ecdsa', '-b', '256'],
    ['ecdsa', '-b', '384'],
    ['ecdsa', '-b', '521'],
    ['rsa', '-b', '2048'],
  ]

  it.each(kinds)('is read, and signs as ssh-keygen verifies: %s %s %s', async (...kind) => {
    const name = kind.filter(Boolean).join('')
    const { text, line } = sshKeygen(name, ['-t', ...kind.filter(Boolean)])
    const key = await readKey(text, undefined)
    expect([toBase64(key.publicKey), key.comment]).toEqual([blobOf(line), 'a comment'])
    const opened = await openedKey(key, false)
    expect(opened.keys.every((one) => !one.extractable)).toBe(true)
    expect(key.pkcs8.every((byte) => byte === 0)).toBe(true)
    const data = new TextEncoder().encode('what is signed')
    for (const [at, algorithm] of algorithmsOf(opened.keyType).entries()) {
      const private_ = opened.keys[at]
      if (!private_) throw new Error('a key is missing')
      const signature = await sshSignature(algorithm, private_, data)
      verifyByKeygen(line, algorithm, signature, data)
    }
  })

  it.each([
    'aes256-ctr',
    'aes128-ctr',
    'aes256-cbc',
    'aes192-cbc',
    'aes128-cbc',
    'aes256-gcm@openssh.com',
    'aes128-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
  ])('is opened by its passphrase, and by no other: %s', async (cipher) => {
    const { text, line } = sshKeygen(cipher, ['-t', 'ed25519', '-Z', cipher, '-a', '2'], passphrase)
    expect(toBase64((await readKey(text, passphrase)).publicKey)).toBe(blobOf(line))
    expect(await code(text)).toBe('key-passphrase-needed')
    expect(await code(text, 'not it')).toBe('key-passphrase-wrong')
  })

  it('asks for at most so many rounds of bcrypt', async () => {
    const { text } = sshKeygen('costly', ['-t', 'ed25519', '-a', '2'], passphrase)
    const bytes = Buffer.from(text.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    const at = bytes.indexOf('bcrypt') + 'bcrypt'.length + 4 + 4 + 16
    expect(bytes.readUInt32BE(at)).toBe(2)
    bytes.writeUInt32BE(1_000_000, at)
    const pem = `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
    expect(await code(pem, passphrase)).toBe('key-too-costly')
  })

  it('in PEM and PKCS#8 is read, encrypted too', async () => {
    for (const format of ['PEM', 'PKCS8']) {
      for (const kind of [['rsa', '-b', '2048'], ['ecdsa']]) {
        const name = `${format}-${kind[0]}`
        const { file, text, line } = sshKeygen(name, ['-t', ...kind, '-m', format])
        expect(toBase64((await readKey(text, undefined)).publicKey)).toBe(blobOf(line))
        run('ssh-keygen', ['-q', '-p', '-P', '', '-N', passphrase, '-m', format, '-f', file])
        const locked = readFileSync(file, 'utf8')
        expect(locked).toMatch(/ENCRYPTED/)
        expect(toBase64((await readKey(locked, passphrase)).publicKey)).toBe(blobOf(line))
        expect(await code(locked)).toBe('key-passphrase-needed')
        expect(await code(locked, 'not it')).toBe('key-passphrase-wrong')
      }
    }
  })
})

describe('a key file of OpenSSL', () => {
  it.each([
    ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512'],
    ['-v2', 'aes-192-cbc', '-v2prf', 'hmacWithSHA1'],
    ['-v2', 'aes-128-cbc', '-scrypt'],
  ])('in PKCS#8 of Ed25519, encrypted with %s %s %s %s', async (...options) => {
    const plain = run('openssl', ['genpkey', '-algorithm', 'ed25519'])
    const { publicKey } = await readKey(plain, undefined)
    const locked = run(
      'openssl',
      ['pkcs8', '-topk8', ...options.filter(Boolean), '-passout', `pass:${passphrase}`],
      plain,
    )
    expect((await readKey(locked, passphrase)).publicKey).toEqual(publicKey)
    expect(await code(locked, 'not it')).toBe('key-passphrase-wrong')
    // The browser computed the public half: the same as Node's.
    const jwk = createPublicKey(plain).export({ format: 'jwk' })
    expect(Buffer.from(publicKey.subarray(-32)).toString('base64url')).toBe(jwk.x)
  })

  it('after the parameters of its curve, and without its public half', async () => {
    const text = run('openssl', ['ecparam', '-name', 'prime256v1', '-genkey'])
    expect(text).toMatch(/EC PARAMETERS/)
    const { publicKey } = await readKey(text, undefined)
    const bare = run('openssl', ['ec', '-no_public'], text)
    expect((await readKey(bare, undefined)).publicKey).toEqual(publicKey)
  })

  it('with triple DES, a DSA key or another curve is said not to do', async () => {
    const rsa = run('openssl', ['genrsa', '-traditional', '2048'])
    const des = run('openssl', ['rsa', '-traditional', '-des3', '-passout', 'pass:secret'], rsa)
    expect(await code(des, 'secret')).toBe('key-unsupported')
    expect(await code(run('openssl', ['ecparam', '-name', 'secp256k1', '-genkey']))).toBe('key-unsupported')
    const { privateKey } = generateKeyPairSync('ed448')
    expect(await code(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())).toBe('key-unsupported')
  })
})

describe('a key file of PuTTY', () => {
  const files = readdirSync(putty).filter((name) => name.endsWith('.ppk'))

  it('is there in both versions, encrypted and not', () => expect(files.length).toBe(22))

  it.each(files)('%s is read', async (name) => {
    const text = readFileSync(join(putty, name), 'utf8')
    const line = readFileSync(join(putty, name.replace(/-[23](-.*)?\.ppk$/, '.pub')), 'utf8').trim()
    const locked = /Encryption: aes/.test(text)
    const key = await readKey(text, locked ? passphrase : undefined)
    expect([toBase64(key.publicKey), key.comment]).toEqual([blobOf(line), 'made by puttygen'])
    if (locked) {
      expect(await code(text)).toBe('key-passphrase-needed')
      expect(await code(text, 'not it')).toBe('key-passphrase-wrong')
    }
    expect(await code(text.replace('made by puttygen', 'made by somebody'), passphrase)).toMatch(/wrong|unreadable/)
  })

  it('asks for at most so much memory and work', async () => {
    const text = readFileSync(join(putty, 'ed25519-3-encrypted.ppk'), 'utf8')
    expect(await code(text.replace('Argon2-Memory: 1024', 'Argon2-Memory: 4000000'), passphrase)).toBe('key-too-costly')
    expect(await code(text.replace('Argon2-Passes: 3', 'Argon2-Passes: 30000'), passphrase)).toBe('key-too-costly')
  })
})

describe('what is no private key', () => {
  it('is told from one', async () => {
    const { text, line } = sshKeygen('whole', ['-t', 'ed25519'])
    expect(await code(line)).toBe('key-public')
    expect(await code(run('openssl', ['pkey', '-pubout'], run('openssl', ['genpkey', '-algorithm', 'ed25519'])))).toBe(
      'key-public',
    )
    expect(await code(readFileSync(join(putty, 'ed25519.pub'), 'utf8'))).toBe('key-public')
    for (const other of ['', 'hello', text.slice(0, 200), text.slice(100), '\0'.repeat(70_000)]) {
      expect(await code(other)).toBe('key-unreadable')
    }
    expect(await code(text.replace(/\n/g, '\r\n'))).toBe('read')
    expect(await code(`Here is my key:\n\n${text}\nBye`)).toBe('read')
  })

  it('a private half that does not fit the public one is not taken', async () => {
    const [one, other] = ['one', 'other'].map((name) => sshKeygen(`fit-${name}`, ['-t', 'ed25519']))
    const bytes = (text = '') => Buffer.from(text.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    const mixed = bytes(one?.text)
    const blob = Buffer.from(blobOf(other?.line ?? ''), 'base64')
    blob.copy(mixed, mixed.indexOf(Buffer.from(blobOf(one?.line ?? ''), 'base64')))
    const pem = `-----BEGIN OPENSSH PRIVATE KEY-----\n${mixed.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`
    expect(await code(pem)).toBe('key-unreadable')
  })

  it('100,000 damaged key files give a failure or a key, and nothing else', async () => {
    const whole = [
      sshKeygen('fuzz', ['-t', 'ed25519']).text,
      sshKeygen('fuzz-ec', ['-t', 'ecdsa', '-m', 'PEM']).text,
      run('openssl', ['genpkey', '-algorithm', 'ed25519']),
      readFileSync(join(putty, 'ed25519-3.ppk'), 'utf8'),
      readFileSync(join(putty, 'ecdsa-256-2.ppk'), 'utf8'),
    ]
    const random = chance(7)
    const kinds = new Map<string, number>()
    for (let round = 0; round < 100_000; round += 200) {
      const files = Array.from({ length: 200 }, (_, at) => {
        const text = damaged(whole[at % whole.length] ?? '', random)
        // Most of them thoroughly: a key that is read after all takes a hundred times as long.
        return round < 3_000 ? text : damaged(damaged(damaged(text, random), random), random)
      })
      for (const told of await Promise.all(files.map((text) => code(text)))) {
        kinds.set(told, (kinds.get(told) ?? 0) + 1)
      }
    }
    expect(kinds.get('key-unreadable')).toBeGreaterThan(10_000)
    expect([...kinds.keys()].every((one) => one === 'read' || one.startsWith('key-'))).toBe(true)
  }, 60_000)
})

/** ssh-keygen has no verify for raw signatures, so Node's crypto does it with the key that ssh-keygen exports. */
function verifyByKeygen(line: string, algorithm: string, blob: Uint8Array, data: Uint8Array): void {
  const file = join(dir, 'to-verify.pub')
  writeFileSync(file, `${line}\n`)
  const key = line.startsWith('ssh-ed25519') ? ed25519Spki(line) : run('ssh-keygen', ['-e', '-m', 'PKCS8', '-f', file])
  const reader = new WireReader(blob)
  expect(reader.text()).toBe(algorithm)
  let signature = reader.string()
  reader.end()
  const hash = /256$/.test(algorithm) ? 'sha256' : /384$/.test(algorithm) ? 'sha384' : 'sha512'
  if (algorithm.startsWith('ecdsa')) {
    const half = algorithm.endsWith('521') ? 66 : algorithm.endsWith('384') ? 48 : 32
    const numbers = new WireReader(signature)
    const [r, s] = [Buffer.from(numbers.mpint()), Buffer.from(numbers.mpint())]
    signature = Buffer.concat([Buffer.alloc(half - r.length), r, Buffer.alloc(half - s.length), s])
  }
  const whose = { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' } as const
  expect(verify(algorithm === 'ssh-ed25519' ? null : hash, data, whose, signature)).toBe(true)
}

function ed25519Spki(line: string): string {
  const raw = Buffer.from(blobOf(line), 'base64').subarray(-32)
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString()
}
