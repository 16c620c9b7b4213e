import { getDiffieHellman } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MadeUpGroup } from '../../relay/madeUpGroup.ts'

const generator = Buffer.from([2])

describe('a group that a server has made up', () => {
  test.each(['modp14', 'modp16'])('gives the same secret as OpenSSL gives for %s', (name) => {
    const known = getDiffieHellman(name)
    const theirs = known.generateKeys()
    // With the zeros that an mpint has before it.
    const group = new MadeUpGroup(Buffer.concat([Buffer.from([0]), known.getPrime()]), generator)
    const ours = group.generateKeys()
    expect(group.computeSecret(theirs)).toEqual(known.computeSecret(ours))
    expect(group.getPrime()).toEqual(known.getPrime())
    expect(group.getGenerator()).toEqual(generator)
  })

  test('takes no value that gives the secret away', () => {
    const prime = getDiffieHellman('modp14').getPrime()
    const group = new MadeUpGroup(prime, generator)
    expect(() => group.computeSecret(Buffer.from([3]))).toThrow('no keys')
    group.generateKeys()
    const less = Buffer.from(prime)
    less[less.length - 1] = (less.at(-1) ?? 0) - 1
    for (const value of [Buffer.from([0]), Buffer.from([1]), less, prime, Buffer.concat([Buffer.from([1]), prime])])
      expect(() => group.computeSecret(value)).toThrow('no public value')
    expect(group.computeSecret(Buffer.from([4])).length).toBeGreaterThan(200)
  })

  test('that is none is an error, not an answer', () => {
    for (const prime of [Buffer.alloc(256, 0xff).fill(0, 255), Buffer.from([0]), Buffer.alloc(0)])
      expect(() => new MadeUpGroup(prime, generator).generateKeys()).toThrow()
    expect(() => new MadeUpGroup(getDiffieHellman('modp14').getPrime(), Buffer.alloc(0)).generateKeys()).toThrow()
  })
})
