import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { promisify } from 'node:util'

/** A key pair as OpenSSH writes it. */
export interface SshKey {
  /** File of the private half; the public half lies beside it with `.pub`. */
  file: string
  private: string
  /** Type, base64 blob, comment. */
  public: string
  /** The public key in the form of RFC 4253 §6.6. */
  blob: Buffer
}

/** Makes a key pair in place of what is there, by ssh-keygen: ssh2 loses leading zero bytes of one Ed25519 key in 256. */
export async function makeSshKey(
  file: string,
  type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519',
  bits?: number,
): Promise<SshKey> {
  await rm(file, { force: true })
  const size = bits === undefined ? [] : ['-b', String(bits)]
  await promisify(execFile)('ssh-keygen', ['-q', '-t', type, ...size, '-N', '', '-C', 'test', '-f', file])
  const publicKey = (await readFile(`${file}.pub`, 'utf8')).trim()
  return {
    file,
    private: await readFile(file, 'utf8'),
    public: publicKey,
    blob: Buffer.from(publicKey.split(' ')[1] ?? '', 'base64'),
  }
}
