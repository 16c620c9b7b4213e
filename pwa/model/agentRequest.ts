import { type LoginRequest, readLoginRequest } from './loginRequest.ts'
import { WireError, WireReader } from './sshWire.ts'

/** What a program on a host wants signed by a forwarded agent. */
export type AgentRequest =
  /** A login elsewhere. */
  | { kind: 'login'; login: LoginRequest }
  /** A message or file, such as a commit (OpenSSH's PROTOCOL.sshsig); `namespace` says what for. */
  | { kind: 'message'; namespace: string }

const SSHSIG = new TextEncoder().encode('SSHSIG')

/**
 * Reads what an agent is asked to sign. What cannot be read is not to be signed, since nobody could judge it.
 * Throws `WireError`.
 */
export function readAgentRequest(data: Uint8Array): AgentRequest {
  if (SSHSIG.every((byte, at) => data[at] === byte)) {
    const reader = new WireReader(data.subarray(SSHSIG.length))
    const namespace = reader.text()
    if (namespace === '') throw new WireError('The signature has no purpose')
    reader.string()
    const hash = reader.text()
    const length = { sha256: 32, sha512: 64 }[hash]
    if (reader.string().length !== length) throw new WireError('This is no hash')
    reader.end()
    return { kind: 'message', namespace }
  }
  return { kind: 'login', login: readLoginRequest(data) }
}

/**
 * The signature algorithm that an agent is asked for by the flags of a request (draft-ietf-sshm-ssh-agent §3.6.1); undefined
 * where the key cannot make it. RSA without a flag would be SHA-1.
 */
export function agentAlgorithm(algorithms: readonly string[], flags: number): string | undefined {
  const wanted = flags === 2 ? 'rsa-sha2-256' : flags === 4 ? 'rsa-sha2-512' : undefined
  if (wanted !== undefined && algorithms.includes(wanted)) return wanted
  return algorithms.find((algorithm) => !algorithm.startsWith('rsa-') && algorithm !== 'ssh-rsa')
}
