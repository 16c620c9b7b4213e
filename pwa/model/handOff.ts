import type { Tab } from '../store/schema.ts'
import { authoriseKey, makeAttachKey, makeLinkKey, readLinkKey } from './attachKey.ts'
import type { EndpointView } from './endpoints.ts'
import { Failed } from './failure.ts'

/** Milliseconds that a link is good for. */
export const HAND_OFF_MS = 5 * 60_000

/** What a link names: a session, and the text of a key that lets one browser in. */
export interface HandOff {
  sessionId: string
  epoch: string
  key: string
}

/** What a link's fragment says after `handoff=`, or undefined where it makes no sense; pure. */
export function readHandOff(text: string): HandOff | undefined {
  const [, sessionId, epoch, key] = /^([\w-]{1,128})\.([\w-]{1,64})\.([\w-]{129})$/.exec(text) ?? []
  return sessionId && epoch && key ? { sessionId, epoch, key } : undefined
}

/**
 * Makes a link by which one other browser takes a session up, once and within `HAND_OFF_MS`. It leads to the app that the
 * relay serves; the key is in the fragment, which no browser sends. A link made before ends. Rejects with `Failed`.
 */
export async function offerHandOff(
  { link, url }: EndpointView,
  session: Pick<NonNullable<Tab['session']>, 'sessionId' | 'attachKey'>,
): Promise<string> {
  const hello = link.hello.peek()
  if (!hello) throw new Failed('relay-lost')
  const { text, publicKey } = await makeLinkKey()
  await authoriseKey(link, hello, session, publicKey, HAND_OFF_MS)
  return `${url}/#handoff=${session.sessionId}.${hello.epoch}.${text}`
}

/**
 * Turns the key of a link into one of this browser's own, which cannot be exported; the link is used up. Rejects with
 * `Failed`: `hand-off-over` where it was used before, `session-over` where the relay has restarted since.
 */
export async function acceptHandOff(
  { link }: EndpointView,
  { sessionId, epoch, key }: HandOff,
): Promise<{ sessionId: string; epoch: string; attachKey: CryptoKey }> {
  const hello = link.hello.peek()
  if (!hello) throw new Failed('relay-lost')
  if (hello.epoch !== epoch) throw new Failed('session-over')
  const own = await makeAttachKey()
  if (!own) throw new Failed('no-key')
  try {
    await authoriseKey(link, hello, { sessionId, attachKey: await readLinkKey(key) }, own.publicKey)
  } catch (error) {
    if (error instanceof Failed && error.failure.code === 'attach-refused') throw new Failed('hand-off-over', error)
    if (error instanceof Failed && error.failure.code === 'no-session') throw new Failed('session-over', error)
    throw error
  }
  return { sessionId, epoch, attachKey: own.privateKey }
}
