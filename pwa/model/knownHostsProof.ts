import { keyTypeOf } from './knownHostsFile.ts'
import type { Announcement } from './metHosts.ts'
import { verifySshSignature } from './sshSignature.ts'
import { fromBase64, WireReader, WireWriter } from './sshWire.ts'

const PROVE = 'hostkeys-prove-00@openssh.com'

/** A key that a server has announced. */
interface AnnouncedKey {
  type: string
  /** The whole public key blob, base64. */
  key: string
  proven: boolean
}

/**
 * The keys of an announcement, each with whether its owner has signed for this SSH session (OpenSSH's PROTOCOL §2.5). The
 * session id is the relay's word: whoever calls compares it with one that was checked. What is no key is left out.
 */
export async function provenKeys({ sshSessionId, keys }: Announcement): Promise<AnnouncedKey[]> {
  const told = new Map(keys.map((one) => [one.key, one]))
  const judged = [...told.values()].flatMap(({ key, proof }) => {
    const type = keyTypeOf(key)
    return type === undefined ? [] : [proves(key, proof, sshSessionId).then((proven) => ({ type, key, proven }))]
  })
  return Promise.all(judged)
}

async function proves(key: string, proof: string | undefined, sshSessionId: string): Promise<boolean> {
  if (proof === undefined) return false
  try {
    const publicKey = fromBase64(key)
    const signature = fromBase64(proof)
    const data = new WireWriter().string(PROVE).string(fromBase64(sshSessionId)).string(publicKey).done()
    return await verifySshSignature({ publicKey, signature, algorithm: new WireReader(signature).text(), data })
  } catch {
    // Not a signature, or one of a kind that this browser cannot check: either way it proves nothing.
    return false
  }
}
