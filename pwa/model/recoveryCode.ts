import { Failed } from './failure.ts'

/** Crockford's base 32: no I, L, O and U, which are misread. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** 120 random bits, more than can be guessed, so their key needs no slow derivation. */
const BYTES = 15
/** Characters of the code that find a slip: 20 bits. */
const CHECK = 4
const LENGTH = (BYTES * 8) / 5 + CHECK

/** A new recovery code: the bytes, and the text for a person, `ABCD-EFGH-…` of seven groups. */
export async function newRecoveryCode(): Promise<{ secret: Uint8Array<ArrayBuffer>; text: string }> {
  const secret = crypto.getRandomValues(new Uint8Array(BYTES))
  const code = base32(secret) + (await check(secret))
  return { secret, text: code.replace(/.{4}(?=.)/g, '$&-') }
}

/**
 * Reads what a person typed: case, dashes and spaces do not matter, O is 0, I and L are 1. Rejects with
 * `Failed('bad-recovery-code')`; that tells nothing of any vault, since the check is over the code alone.
 */
export async function readRecoveryCode(typed: string): Promise<Uint8Array<ArrayBuffer>> {
  const code = typed
    .toUpperCase()
    .replace(/[\s\p{Pd}._]/gu, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
  if (code.length !== LENGTH || [...code].some((letter) => !letters.includes(letter))) {
    throw new Failed('bad-recovery-code')
  }
  const secret = bytes(code.slice(0, -CHECK))
  if ((await check(secret)) !== code.slice(-CHECK)) throw new Failed('bad-recovery-code')
  return secret
}

async function check(secret: Uint8Array<ArrayBuffer>): Promise<string> {
  const label = new TextEncoder().encode('fairlead recovery code')
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array([...label, ...secret]))
  return base32(new Uint8Array(hash)).slice(0, CHECK)
}

/** Five bits a letter, high bits first; what is left over at the end is filled with zeros. */
function base32(data: Uint8Array): string {
  const bits = [...data].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => letters[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

function bytes(code: string): Uint8Array<ArrayBuffer> {
  const bits = [...code].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}
