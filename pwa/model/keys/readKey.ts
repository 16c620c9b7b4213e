import { KeyProblem } from './keyProblem.ts'
import { readKeyLine } from './keyText.ts'
import { readOpenSsh } from './openSsh.ts'
import { readPem } from './pem.ts'
import { pemBlock } from './pemBlock.ts'
import type { PlainKey } from './plainKey.ts'
import { readPutty } from './putty.ts'

/** Characters of a key file; the largest RSA keys take 13,000. */
const MAX_FILE = 65_536

/**
 * Reads a private key in the formats of OpenSSH, OpenSSL (PKCS#1, SEC1, PKCS#8) and PuTTY (2 and 3).
 * @param passphrase absent or empty: none has been asked for yet
 * Throws `KeyProblem`.
 */
export async function readKey(text: string, passphrase: string | undefined): Promise<PlainKey> {
  if (text.length > MAX_FILE) throw new KeyProblem('key-unreadable')
  if (/^PuTTY-User-Key-File-/m.test(text)) return readPutty(text, passphrase)
  const block = pemBlock(text, 'PRIVATE KEY')
  if (block) {
    return block.label === 'OPENSSH PRIVATE KEY' ? readOpenSsh(block.bytes, passphrase) : readPem(block, passphrase)
  }
  const isPublic =
    pemBlock(text, 'PUBLIC KEY') !== undefined || text.split(/\r\n|\r|\n/).some((line) => readKeyLine(line))
  throw new KeyProblem(isPublic ? 'key-public' : 'key-unreadable')
}
