import { Refusal } from '../shared/failure.ts'
import { fileLoad } from '../shared/fileLoad.ts'
import type { ClientMessage, FileEvent, Reply, ServerPayload } from '../shared/protocol.ts'
import type { Handlers, Scene } from './handlers.ts'
import { Outflow } from './outflow.ts'
import { copyBytes, copyWithin } from './sftp/copyBytes.ts'
import { hashFile } from './sftp/hashFile.ts'
import { withReason } from './sftp/reason.ts'
import { getFile, putFile, replace } from './sftp/smallFile.ts'
import type { Sftp } from './sftp.ts'
import { withoutBytes } from './withoutBytes.ts'

/** Bytes of file that may wait in a socket whose client does not read before no more is read for it. */
const UNREAD_MAX = 2 * 1024 * 1024

/** Bytes that an entry of a listing has on its way, about. */
const LISTED_BYTES = 256

type Verb<E extends FileEvent> = (sftp: Sftp, message: ClientMessage<E>, scene: Scene) => Promise<Reply<E>>

/** What each file request does, on a conversation that is open and has room for it. */
const verbs: { [E in FileEvent]: Verb<E> } = {
  'sftp-realpath': async ({ client }, { path }) => ({ path: await client.realpath(path) }),

  'sftp-stat': async ({ client }, { path }) => ({ attributes: await client.stat(path) }),

  'sftp-lstat': async ({ client }, { path }) => ({ attributes: await client.lstat(path) }),

  'sftp-fstat': async ({ client, files }, { handle }) => ({ attributes: await client.fstat(files.get(handle).handle) }),

  'sftp-setstat': async ({ client }, { path, attributes, follow }) => {
    await withReason(client, { written: path }, () =>
      follow ? client.setstat(path, attributes) : client.lsetstat(path, attributes),
    )
    return {}
  },

  'sftp-fsetstat': async ({ client, files }, { handle, attributes }) => {
    const file = files.get(handle)
    await withReason(client, { written: file.path }, () => client.fsetstat(file.handle, attributes))
    return {}
  },

  'sftp-open': async ({ client, files }, { path, mode, read, write, append, create, truncate, exclusive }) => {
    const flags = { read, write: write || append, append, create, truncate, exclusive }
    const doubt = { ...(exclusive && { taken: path }), ...(flags.write && { written: path }) }
    return { handle: await files.add(path, () => withReason(client, doubt, () => client.open(path, flags, mode))) }
  },

  'sftp-read': async ({ client, files }, { handle, offset, length }, { peer }) => {
    const file = files.get(handle)
    const data = await client.read(file.handle, offset, length)
    Outflow.of(peer).add(data.length)
    return { data: data as Uint8Array<ArrayBuffer>, ...(data.length === 0 && { end: true as const }) }
  },

  'sftp-write': async ({ client, files }, { handle, offset, data }) => {
    if (data.length > client.limits.write) throw new Refusal('bad-request', { phase: 'files' })
    const file = files.get(handle)
    await withReason(client, { written: file.path }, () => client.write(file.handle, offset, data))
    return {}
  },

  'sftp-close': async ({ client, files }, { handle }) => {
    const file = files.take(handle)
    await withReason(client, { written: file.path }, () => client.closeHandle(file.handle))
    return {}
  },

  'sftp-mkdir': async ({ client }, { path, mode }) => {
    await withReason(client, { taken: path, written: path }, () => client.mkdir(path, mode))
    return {}
  },

  'sftp-rmdir': async ({ client }, { path }) => {
    await withReason(client, { full: path, written: path }, () => client.rmdir(path))
    return {}
  },

  'sftp-remove': async ({ client }, { path }) => {
    await withReason(client, { written: path }, () => client.remove(path))
    return {}
  },

  'sftp-rename': async ({ client }, { from, to, overwrite }) => {
    await (overwrite
      ? withReason(client, { written: to }, () => replace(client, from, to))
      : withReason(client, { taken: to, written: to }, () => client.rename(from, to)))
    return {}
  },

  'sftp-readlink': async ({ client }, { path }) => ({ target: await client.readlink(path) }),

  'sftp-symlink': async ({ client }, { path, target }) => {
    await withReason(client, { taken: path, written: path }, () => client.symlink(path, target))
    return {}
  },

  'sftp-hardlink': async ({ client }, { from, to }) => {
    await withReason(client, { taken: to, written: to }, () => client.hardlink(from, to))
    return {}
  },

  'sftp-statvfs': async ({ client }, { path }) => client.statvfs(path),

  'sftp-fsync': async ({ client, files }, { handle }) => {
    const file = files.get(handle)
    await withReason(client, { written: file.path }, () => client.fsync(file.handle))
    return {}
  },

  'sftp-copy': async (sftp, { handle, offset, length, to }, scene) => {
    const target = to.sessionId === undefined ? sftp : attached(scene, to.sessionId)
    const [from, into] = [sftp.files.get(handle), target.files.get(to.handle)]
    const places = [
      { client: sftp.client, handle: from.handle, offset },
      { client: target.client, handle: into.handle, offset: to.offset },
    ] as const
    const signal = AbortSignal.any([sftp.signal, target.signal])
    const within = target === sftp ? await copyWithin(...places, length, signal) : undefined
    if (within !== undefined) return { copied: within }
    const doubt = { written: into.path }
    return { copied: await withReason(target.client, doubt, () => copyBytes(...places, length, signal)) }
  },

  'sftp-put': async ({ client }, asked) => ({ attributes: await putFile(client, asked) }),

  'sftp-get': async ({ client }, { path }, { peer }) => {
    const { data, attributes } = await getFile(client, path)
    Outflow.of(peer).add(data.length)
    return { data, attributes }
  },

  'sftp-hash': async (sftp, { path, length }) => {
    // Whose failures say what is wrong with the path, which those of a command do not.
    await sftp.client.stat(path)
    const exec = (command: string) =>
      sftp.exec(command).catch((error: unknown) => {
        const refused = error instanceof Refusal && error.code === 'shell-refused'
        throw refused ? new Refusal('sftp-unsupported', { phase: 'files', cause: error }) : error
      })
    return { sha256: await hashFile(exec, path, length, sftp.signal) }
  },

  'sftp-offer': async (sftp, { id, path, name }, { sessions }) => {
    // What is not open has no files to offer.
    void sftp.client
    sessions.offers.add(id, { sftp, path, name })
    return {}
  },
}

/** The SFTP conversation of that id that this socket has. @throws Refusal `no-session` */
function attached({ sessions, peer }: Scene, sessionId: string): Sftp {
  return sessions.attached(peer, sessions.sftp(peer, sessionId))
}

/** Waits until the client has taken most of what it was sent. */
async function roomFor({ peer }: Scene): Promise<void> {
  const outflow = Outflow.of(peer)
  while (outflow.full(UNREAD_MAX)) await new Promise<void>((resolve) => outflow.whenDrained(resolve))
}

/** A directory, or a page of it. @throws Refusal */
export function listFiles(
  scene: Scene,
  message: ClientMessage<'sftp-list'>,
): Promise<ServerPayload<'sftp-list-result'>> {
  const sftp = attached(scene, message.sessionId)
  return sftp.admit(0, async () => {
    await roomFor(scene)
    const listed = await sftp.list(message)
    Outflow.of(scene.peer).add(listed.files.length * LISTED_BYTES)
    return withoutBytes(listed)
  })
}

function handlerOf<E extends FileEvent>(event: E): Handlers[E] {
  const verb = verbs[event]
  const answer = async (scene: Scene, message: ClientMessage<E>): Promise<Reply<E>> => {
    const sftp = attached(scene, (message as { sessionId: string }).sessionId)
    return sftp.admit(fileLoad(event, message as never), async () => {
      await roomFor(scene)
      return verb(sftp, message, scene)
    })
  }
  return answer as Handlers[E]
}

/** The handlers of the file requests. */
export const fileHandlers = Object.fromEntries(
  (Object.keys(verbs) as FileEvent[]).map((event) => [event, handlerOf(event)]),
) as { [E in FileEvent]: Handlers[E] }
