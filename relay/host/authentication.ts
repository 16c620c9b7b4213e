import { createHash, timingSafeEqual } from 'node:crypto'
import ssh2, { type AuthContext, type AuthenticationType, type Connection, type PublicKeyAuthContext } from 'ssh2'

/** Who may log in, and how. */
interface LoginRules {
  /** The one user name that is let in. */
  username: string
  /** Verifies a password in constant time; absent where passwords are off. */
  verifyPassword?: ((password: string) => Promise<boolean>) | undefined
  /** The public keys that are let in at this moment, as wire blobs. */
  keys: () => Promise<Uint8Array[]>
  /** Failed attempts after which the connection is ended. */
  attempts: number
  /** Aborted when the connection is gone, and no one waits for an answer. */
  gone: AbortSignal
  /** Told of every attempt that was not a mere question. */
  report: (event: 'host-login' | 'host-login-refused' | 'host-login-error', fields: Record<string, string>) => void
}

/** Shortest RSA modulus that is let in, in bits. */
const RSA_BITS_MIN = 2048

const signatures = new Set(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'])

/** Answers a connection's login attempts by the rules (RFC 4252); too many failures end it. */
export function guardLogin(connection: Connection, rules: LoginRules): void {
  const methods: AuthenticationType[] = rules.verifyPassword ? ['publickey', 'password'] : ['publickey']
  let failures = 0
  const answer = async (context: AuthContext) => {
    const allowed = await decide(context, rules)
    if (rules.gone.aborted) return
    if (allowed) {
      // Without a signature the client only asks whether the key would do.
      if (context.method !== 'publickey' || context.signature) rules.report('host-login', { method: context.method })
      return context.accept()
    }
    if (context.method !== 'none') {
      failures += 1
      rules.report('host-login-refused', { method: context.method })
    }
    if (failures >= rules.attempts) connection.end()
    else context.reject(methods)
  }
  connection.on('authentication', (context) => {
    answer(context).catch((error: Error) => {
      rules.report('host-login-error', { method: context.method, message: error.message })
      if (!rules.gone.aborted) connection.end()
    })
  })
}

async function decide(context: AuthContext, rules: LoginRules): Promise<boolean> {
  const known = sameText(context.username, rules.username)
  if (context.method === 'password') {
    // A wrong name takes as long as a wrong password. A change of password arrives as an object and is none.
    const allowed = typeof context.password === 'string' && (await rules.verifyPassword?.(context.password)) === true
    return allowed && known
  }
  if (context.method !== 'publickey') return false
  const trusted = listed(context.key.data, await rules.keys())
  return trusted && known && soundSignature(context)
}

/** True for a key that may be offered (no signature yet) and for a signature that holds. */
function soundSignature(context: PublicKeyAuthContext): boolean {
  const rsa = context.key.algo === 'ssh-rsa'
  // ssh2 gives rsa-sha2-* as ssh-rsa with a hash: without one it is ssh-rsa proper, which is SHA-1.
  if (rsa ? context.hashAlgo === undefined : !signatures.has(context.key.algo)) return false
  const key = ssh2.utils.parseKey(context.key.data)
  if (key instanceof Error || key.type !== context.key.algo) return false
  if (rsa && rsaBits(context.key.data) < RSA_BITS_MIN) return false
  if (!context.signature) return true
  return context.blob !== undefined && key.verify(context.blob, context.signature, context.hashAlgo) === true
}

/** Length of the modulus in a wire blob of type ssh-rsa: string type, mpint e, mpint n. */
function rsaBits(blob: Buffer): number {
  let at = 0
  for (let skipped = 0; skipped < 2; skipped++) at += 4 + blob.readUInt32BE(at)
  return blob.readUInt32BE(at) * 8
}

/** Compares with every key, whatever the answer, so that time tells nothing of the list. */
function listed(blob: Uint8Array, keys: Uint8Array[]): boolean {
  const digest = sha256(blob)
  let found = false
  for (const key of keys) found = timingSafeEqual(sha256(key), digest) || found
  return found
}

function sameText(a: string, b: string): boolean {
  return timingSafeEqual(sha256(Buffer.from(a)), sha256(Buffer.from(b)))
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
