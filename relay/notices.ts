import type ssh2 from 'ssh2'

type Client = InstanceType<typeof ssh2.Client>

// What is replaced here is private to ssh2, which is pinned; `test/relay/notices.test.ts` fails when it moves.
type InfoRequest = (protocol: unknown, name: string, instructions: string, prompts: unknown[] | undefined) => void
interface Privates {
  _protocol: { _handlers: { USERAUTH_INFO_REQUEST: InfoRequest } }
}

/**
 * Has what a server says in a round of keyboard-interactive without a question told (RFC 4256 §3.2), which ssh2 answers
 * without a word. To be called once a client has been told to connect.
 * @param tell resolves to whether the round is to be answered; never rejects
 */
export function tellNotices(client: Client, tell: (name: string, instructions: string) => Promise<boolean>): void {
  const handlers = (client as unknown as Privates)._protocol._handlers
  const answer = handlers.USERAUTH_INFO_REQUEST
  handlers.USERAUTH_INFO_REQUEST = (from, name, instructions, prompts) => {
    const give = () => answer(from, name, instructions, prompts)
    if (prompts?.length || (name === '' && instructions === '')) give()
    else void tell(name, instructions).then((taken) => taken && give())
  }
}
