import { randomBytes } from 'node:crypto'
import { link, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'

/** The key a host proves itself with. */
export interface HostKey {
  /** OpenSSH private key file. */
  privateKey: string
  /** Public half as it goes over the wire (RFC 4253 §6.6). */
  publicBlob: Buffer
}

const FILE = 'host_ed25519_key'

/**
 * Reads the host's Ed25519 key from `stateDir`, making it on the first run.
 * @throws if the file is readable by others, is not a private key, or cannot be written
 */
export async function loadHostKey(stateDir: string): Promise<HostKey> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 })
  const path = join(stateDir, FILE)
  const text = (await read(path)) ?? (await make(path))
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error || !key.isPrivateKey() || key.type !== 'ssh-ed25519') {
    throw new Error(`${path} is not an unencrypted Ed25519 private key`)
  }
  return { privateKey: text, publicBlob: key.getPublicSSH() }
}

async function read(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return undefined
  try {
    if (((await file.stat()).mode & 0o077) !== 0) throw new Error(`${path} can be read by others: chmod 600 it`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

const makePair = () =>
  new Promise<{ private: string }>((resolve, reject) => {
    ssh2.utils.generateKeyPair('ed25519', { comment: 'fairlead' }, (error, keys) =>
      error ? reject(error) : resolve(keys),
    )
  })

/** A hard link is the atomic step: of two relays that start at once, both end with the key of the first. */
async function make(path: string): Promise<string> {
  let pair = await makePair()
  // ssh2 1.17 loses the leading zero bytes of a public key: one pair in 256 cannot be read again.
  while (ssh2.utils.parseKey(pair.private) instanceof Error) pair = await makePair()
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(pair.private)
    await file.sync()
    await file.close()
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await file.close().catch(ignoreClosed)
    await rm(draft, { force: true })
  }
  const text = await read(path)
  if (text === undefined) throw new Error(`${path} vanished while it was made`)
  return text
}

function ignoreClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EBADF') throw error
}
