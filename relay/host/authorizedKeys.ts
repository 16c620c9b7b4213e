import { open } from 'node:fs/promises'
import { userInfo } from 'node:os'

/** A file larger than this is not read: at login, every byte is work for whoever knocks. */
const SIZE_MAX = 1024 * 1024

const keyType =
  /^(?:ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa|ssh-dss|(?:sk|webauthn-sk)-[a-z0-9-]+@openssh\.com|[a-z0-9-]+-cert-v01@openssh\.com)$/

/** Options that take nothing away (authorized_keys in sshd(8)); every other one would have to be enforced. */
const harmless = new Set([
  'agent-forwarding',
  'port-forwarding',
  'pty',
  'user-rc',
  'x11-forwarding',
  'no-touch-required',
])

/** The public keys of an OpenSSH authorized_keys text, as wire blobs; a line whose options restrict the key is left out. */
export function parseAuthorizedKeys(text: string): Buffer[] {
  const keys: Buffer[] = []
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const { options, rest } = keyType.test(line.split(/\s/, 1)[0] ?? '')
      ? { options: '', rest: line }
      : splitOptions(line)
    if (!onlyHarmless(options)) continue
    const [type, encoded] = rest.split(/\s+/)
    if (!type || !encoded || !keyType.test(type)) continue
    const blob = Buffer.from(encoded, 'base64')
    if (named(blob) === type) keys.push(blob)
  }
  return keys
}

/**
 * Reads and parses an authorized_keys file; a file that is absent has no keys.
 * @throws if others could have written it (as sshd's StrictModes) or it is larger than 1 MiB
 */
export async function readAuthorizedKeys(path: string): Promise<Buffer[]> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return []
  try {
    const { mode, uid, size } = await file.stat()
    if ((mode & 0o022) !== 0) throw new Error('authorized_keys can be written by others')
    if (uid !== userInfo().uid && uid !== 0) throw new Error('authorized_keys belongs to someone else')
    if (size > SIZE_MAX) throw new Error('authorized_keys is too large')
    return parseAuthorizedKeys(await file.readFile('utf8'))
  } finally {
    await file.close()
  }
}

/** The options end at the first blank outside of double quotes. */
function splitOptions(line: string): { options: string; rest: string } {
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const c = line[i]
    if (c === '\\' && line[i + 1] === '"') i++
    else if (c === '"') quoted = !quoted
    else if ((c === ' ' || c === '\t') && !quoted) return { options: line.slice(0, i), rest: line.slice(i).trim() }
  }
  return { options: line, rest: '' }
}

function onlyHarmless(options: string): boolean {
  return options === '' || options.split(',').every((option) => harmless.has(option.toLowerCase()))
}

/** The type a wire blob itself names (RFC 4253 §6.6). */
function named(blob: Buffer): string {
  if (blob.length < 4) return ''
  return blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1')
}
