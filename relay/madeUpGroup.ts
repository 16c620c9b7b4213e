import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto'

// Node's types leave this kind of key out.
const generateDh = generateKeyPairSync as unknown as (
  type: 'dh',
  group: { prime: Buffer; generator: number },
) => KeyPairKeyObjectResult

/** The tags of DER that are used here (X.690 §8). */
const tag = { integer: 0x02, bitString: 0x03, sequence: 0x30 } as const

/**
 * Diffie-Hellman in a group that a server has made up (RFC 4419). In place of `createDiffieHellman`, which first proves that
 * the prime is a safe one: for 3,072 bits that takes four seconds of the relay's one thread, and tells a client nothing that
 * counts, since the server that chose the group is the other side.
 */
export class MadeUpGroup {
  readonly #prime: Buffer
  readonly #generator: Buffer
  #pair: KeyPairKeyObjectResult | undefined

  /** @param generator at most 4 bytes */
  constructor(prime: Buffer, generator: Buffer) {
    this.#prime = unsigned(prime)
    this.#generator = unsigned(generator)
  }

  getPrime(): Buffer {
    return this.#prime
  }

  getGenerator(): Buffer {
    return this.#generator
  }

  /** Makes a key pair. @returns the public value @throws Error where the group is none */
  generateKeys(): Buffer {
    const generator = this.#generator.readUIntBE(0, this.#generator.length)
    this.#pair = generateDh('dh', { prime: this.#prime, generator })
    const spki = this.#pair.publicKey.export({ type: 'spki', format: 'der' })
    const [, value] = elements(elements(spki)[0] as Buffer)
    // A bit string begins with the number of bits that are left over.
    return unsigned(elements((value as Buffer).subarray(1))[0] as Buffer)
  }

  /** @throws Error for a public value that is none (RFC 4253 §8) */
  computeSecret(other: Buffer): Buffer {
    if (!this.#pair) throw new Error('no keys')
    const value = BigInt(`0x${other.toString('hex')}`)
    if (value <= 1n || value >= BigInt(`0x${this.#prime.toString('hex')}`) - 1n) throw new Error('no public value')
    const spki = this.#pair.publicKey.export({ type: 'spki', format: 'der' })
    const [algorithm] = elements(elements(spki)[0] as Buffer)
    const bits = Buffer.concat([Buffer.from([0]), der(tag.integer, signed(other))])
    const key = der(tag.sequence, Buffer.concat([der(tag.sequence, algorithm as Buffer), der(tag.bitString, bits)]))
    const publicKey = createPublicKey({ key, format: 'der', type: 'spki' })
    return diffieHellman({ privateKey: this.#pair.privateKey, publicKey })
  }
}

/** Without leading zeros. */
function unsigned(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  return first < 0 ? Buffer.alloc(0) : bytes.subarray(first)
}

/** As a positive number in two's complement. */
function signed(bytes: Buffer): Buffer {
  const bare = unsigned(bytes)
  return bare[0] !== undefined && bare[0] & 0x80 ? Buffer.concat([Buffer.from([0]), bare]) : bare
}

function der(type: number, content: Buffer): Buffer {
  const size = content.length.toString(16)
  const bytes = Buffer.from(size.padStart(size.length + (size.length % 2), '0'), 'hex')
  const length = content.length < 0x80 ? bytes : Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
  return Buffer.concat([Buffer.from([type]), length, content])
}

/** The contents of the elements that stand one after the other. */
function elements(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const short = bytes[at + 1] ?? 0
    const more = short & 0x80 ? short & 0x7f : 0
    const length = more > 0 ? bytes.readUIntBE(at + 2, more) : short
    const begin = at + 2 + more
    found.push(bytes.subarray(begin, begin + length))
    at = begin + length
  }
  return found
}
