import type ssh2 from 'ssh2'
import type { ParsedKey, ServerHostKeyAlgorithm } from 'ssh2'
import { bounds, type ServerPayload } from '../shared/protocol.ts'
import { sessionId } from './exchange.ts'
import { stringsOf } from './sshString.ts'

type Client = InstanceType<typeof ssh2.Client>

/** What a server has announced, and how it proved it. */
export type Announced = Pick<ServerPayload<'ssh-host-keys'>, 'sshSessionId' | 'keys'>

const ANNOUNCE = 'hostkeys-00@openssh.com'
/** Announcements of one connection that are read; ssh2 parses every key of each. */
const ANNOUNCEMENTS = 4
/** Bytes of a key, and of a proof, that are passed on. */
const BLOB_MAX = 8192

// What is read and replaced here is private to ssh2, which is pinned; `test/relay/hostKeys.test.ts` fails when it moves.
type GlobalRequest = (protocol: Protocol, name: string, wantReply: boolean, data: unknown) => void
interface Protocol {
  _handlers: { GLOBAL_REQUEST: GlobalRequest }
  openssh_hostKeysProve(keys: { getPublicSSH(): Buffer }[]): void
}
interface Privates {
  _protocol: Protocol
  /** Of requests that want a reply, in their order. */
  _callbacks: ((refused: boolean, data?: Buffer | null) => void)[]
}

/** The host key algorithms that a client asks for, as far as they are allowed; all that are allowed where it asks for none. */
export function hostKeyOrder(
  asked: readonly string[] | undefined,
  allowed: readonly ServerHostKeyAlgorithm[],
): ServerHostKeyAlgorithm[] {
  if (!asked) return [...allowed]
  return [...new Set(asked)].filter((name): name is ServerHostKeyAlgorithm => (allowed as string[]).includes(name))
}

/**
 * Takes what a server announces of its host keys (OpenSSH's PROTOCOL §2.5) and has it prove them, once a connection. To be
 * called once a client has been told to connect.
 * @param tell called with at most 16 keys
 * @param broke called where a server announces without end
 */
export function watchHostKeys(
  client: Client,
  tell: (announced: Announced) => void,
  broke: (detail: string) => void,
): void {
  const { _protocol: protocol, _callbacks: replies } = client as unknown as Privates
  const handlers = protocol._handlers
  const before = handlers.GLOBAL_REQUEST
  let times = 0
  handlers.GLOBAL_REQUEST = (from, name, wantReply, data) => {
    if (name === ANNOUNCE) {
      times += 1
      if (times > ANNOUNCEMENTS) return broke('The server announces host keys without end')
      if (times === 1 && Array.isArray(data)) prove(data as ParsedKey[])
    }
    before(from, name, wantReply, data)
  }

  const prove = (announced: ParsedKey[]) => {
    const blobs = announced.map((key) => key.getPublicSSH()).filter((blob) => blob.length <= BLOB_MAX)
    const keys = [...new Map(blobs.map((blob) => [blob.toString('base64'), blob])).entries()].slice(0, bounds.hostKeys)
    if (keys.length === 0) return
    const sshSessionId = sessionId(client).toString('base64')
    // Before the request, since ssh2 takes the replies in the order of this list.
    replies.push((refused, data) => {
      const proofs = refused || !data ? [] : (stringsOf(data) ?? [])
      const whole = proofs.length === keys.length
      tell({
        sshSessionId,
        keys: keys.map(([key], at) => {
          const proof = whole ? proofs[at] : undefined
          return { key, ...(proof && proof.length <= BLOB_MAX && { proof: proof.toString('base64') }) }
        }),
      })
    })
    protocol.openssh_hostKeysProve(keys.map(([, blob]) => ({ getPublicSSH: () => blob })))
  }
}
