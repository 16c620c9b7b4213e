import { WireError, WireReader, WireWriter } from './sshWire.ts'

const USERAUTH_REQUEST = 50
const CONNECTION = 'ssh-connection'
const methods = { plain: 'publickey', hostBound: 'publickey-hostbound-v00@openssh.com' } as const

/** What a public key login has signed (RFC 4252 §7; OpenSSH's PROTOCOL §3.1 for host-bound ones). */
export interface LoginRequest {
  sessionId: Uint8Array
  username: string
  /** As the server is told, of a certificate e.g. `ssh-ed25519-cert-v01@openssh.com`. */
  algorithm: string
  /** The key's blob, or its certificate's. */
  publicKey: Uint8Array
  /** Present in a host-bound request, which is of use at the host with this key only. */
  hostKey?: Uint8Array
}

/** Throws `WireError` for anything that is not exactly one request to log in with a signature by a key. */
export function readLoginRequest(data: Uint8Array): LoginRequest {
  const reader = new WireReader(data)
  const sessionId = reader.string()
  if (reader.byte() !== USERAUTH_REQUEST) throw new WireError('This is no request to log in')
  const username = reader.text()
  if (reader.text() !== CONNECTION) throw new WireError('The login is for another service')
  const method = reader.text()
  if (method !== methods.plain && method !== methods.hostBound) throw new WireError('The login is not by a key')
  if (!reader.boolean()) throw new WireError('The request is not one with a signature')
  const algorithm = reader.text()
  const publicKey = reader.string()
  const hostKey = method === methods.hostBound ? reader.string() : undefined
  reader.end()
  return { sessionId, username, algorithm, publicKey, ...(hostKey && { hostKey }) }
}

/** The bytes that `readLoginRequest` reads. */
export function writeLoginRequest(request: LoginRequest): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter()
    .string(request.sessionId)
    .byte(USERAUTH_REQUEST)
    .string(request.username)
    .string(CONNECTION)
    .string(request.hostKey ? methods.hostBound : methods.plain)
    .boolean(true)
    .string(request.algorithm)
    .string(request.publicKey)
  if (request.hostKey) writer.string(request.hostKey)
  return writer.done()
}
