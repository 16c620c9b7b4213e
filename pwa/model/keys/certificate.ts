import { fromBase64, toBase64, WireReader, WireWriter } from '../sshWire.ts'
import { readKeyLine } from './keyText.ts'

const SUFFIX = '-cert-v01@openssh.com'
/** Strings before the serial number, besides type and nonce: the fields of the public key. */
const fieldsOf: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'ssh-rsa': 2,
}
/** 2^64 − 1: valid for ever. */
const FOREVER = 0xffffffffffffffffn

/** An OpenSSH user certificate (OpenSSH PROTOCOL.certkeys), as a person wants to know it. */
export interface Certificate {
  /** base64 of the public key blob that it certifies. */
  publicKey: string
  /** `user`, or `host`, which logs nobody in. */
  kind: 'user' | 'host'
  keyId: string
  /** Decimal. */
  serial: string
  /** Users that it is good for; empty: for all. */
  principals: readonly string[]
  /** Milliseconds since 1970; absent where there is no bound. */
  validFrom?: number
  validUntil?: number
  /** Names of what the login is bound to, such as `force-command`. */
  bounds: readonly string[]
}

/** Reads a certificate, or a line `type base64 comment` of one; undefined where it is none. */
export function readCertificate(text: string): (Certificate & { blob: string }) | undefined {
  const blob = text.includes(' ') || text.includes('\t') ? readKeyLine(text)?.blob : text.trim()
  if (!blob) return undefined
  try {
    return { ...parse(fromBase64(blob)), blob }
  } catch {
    // Whatever is wrong with it, it is no certificate that could be used.
    return undefined
  }
}

/** Whether a certificate is good at a moment, in milliseconds since 1970. */
export function validity({ validFrom, validUntil }: Certificate, now: number): 'valid' | 'expired' | 'not-yet' {
  if (validUntil !== undefined && now >= validUntil) return 'expired'
  return validFrom !== undefined && now < validFrom ? 'not-yet' : 'valid'
}

function parse(bytes: Uint8Array): Certificate {
  const whole = new WireReader(bytes)
  const type = whole.text()
  const keyType = type.slice(0, -SUFFIX.length)
  const fields = type.endsWith(SUFFIX) && Object.hasOwn(fieldsOf, keyType) ? fieldsOf[keyType] : undefined
  if (fields === undefined) throw new TypeError('This is no certificate')
  whole.string()
  const publicKey = new WireWriter().string(keyType)
  for (let field = 0; field < fields; field++) publicKey.string(whole.string())
  const serial = uint64(whole)
  const kind = whole.uint32()
  const keyId = whole.text()
  const principals = strings(whole.string())
  const [from, until] = [uint64(whole), uint64(whole)]
  const critical = strings(whole.string()).filter((_, at) => at % 2 === 0)
  for (const _ of ['extensions', 'reserved', 'key of the authority', 'signature']) whole.string()
  whole.end()
  if (kind !== 1 && kind !== 2) throw new TypeError('This is neither of a user nor of a host')
  return {
    publicKey: toBase64(publicKey.done()),
    kind: kind === 1 ? 'user' : 'host',
    keyId,
    serial: String(serial),
    principals,
    ...(from > 0n && { validFrom: Number(from) * 1000 }),
    ...(until < FOREVER && { validUntil: Number(until) * 1000 }),
    bounds: critical,
  }
}

function uint64(from: WireReader): bigint {
  return (BigInt(from.uint32()) << 32n) | BigInt(from.uint32())
}

function strings(bytes: Uint8Array): string[] {
  const from = new WireReader(bytes)
  const all: string[] = []
  while (from.left > 0) all.push(from.text())
  return all
}
