import { randomUUID } from 'node:crypto'
import { Refusal } from '../../shared/failure.ts'
import { fileType } from '../../shared/fileInfo.ts'
import { partPath } from '../../shared/partPath.ts'
import { type Attributes, bounds, type ClientMessage } from '../../shared/protocol.ts'
import { withReason } from './reason.ts'
import { extension, type SftpClient } from './sftpClient.ts'

/** Permissions of a part until it has those that it is to have. */
const PRIVATE = 0o600

type Put = Omit<ClientMessage<'sftp-put'>, 'sessionId'>

/**
 * Writes a whole file beside its place, and puts it there when it is whole: what was there stays until then, and nothing is
 * left where it fails. A file that replaces another has its mode, unless one is given, and its owner, where that can be.
 * @returns what the new file is
 * @throws Refusal with the reason of the step that failed; `file-exists`
 */
export async function putFile(client: SftpClient, asked: Put): Promise<Attributes> {
  const { path, existing, mode } = asked
  const part = partPath(path, asked.random ?? newRandom())
  // Where a mode is to be taken from the old file, the part must not be seen by more people until then.
  const first = existing === 'replace' && mode === undefined ? await client.find(path) : undefined
  const [old, handle] = await Promise.allSettled([
    first ?? client.find(path),
    withReason(client, { written: path }, () =>
      client.open(
        part,
        { write: true, create: true, exclusive: true },
        first || mode !== undefined ? PRIVATE : undefined,
      ),
    ),
  ])
  if (handle.status === 'rejected') throw handle.reason
  let open = true
  try {
    if (old.status === 'rejected') throw old.reason
    const there = old.value
    if (there && (existing === 'refuse' || fileType(there.mode ?? 0) === 'directory'))
      throw new Refusal('file-exists', { phase: 'files' })
    if (there && fileType(there.mode ?? 0) === 'symlink') {
      // Behind a link it is the file that is replaced; its part lies beside that.
      await discard(client, part, handle.value)
      open = false
      return await putFile(client, { ...asked, path: await client.realpath(path) })
    }
    const written = fill(client, handle.value, asked, there)
    open = false
    const attributes = await written
    await place(client, part, asked)
    return attributes
  } catch (error) {
    await discard(client, part, open ? handle.value : undefined)
    throw error
  }
}

/** Everything that is done to an open part, sent at once: servers keep the order of what is asked of one handle (draft §6.1). */
async function fill(
  client: SftpClient,
  handle: Buffer,
  { path, data, mode, mtime, fsync }: Put,
  old: Attributes | undefined,
): Promise<Attributes> {
  const { write } = client.limits
  const steps: Promise<unknown>[] = []
  for (let at = 0; at < data.length; at += write) steps.push(client.write(handle, at, data.subarray(at, at + write)))
  const { uid, gid } = old ?? {}
  // Which only some may do; before the mode, which it takes bits of.
  if (uid !== undefined && gid !== undefined) client.fsetstat(handle, { uid, gid }).catch(() => undefined)
  const kept = mode ?? old?.mode
  const changes = {
    ...(kept !== undefined && { mode: kept & 0o7777 }),
    ...(mtime !== undefined && { atime: mtime, mtime }),
  }
  if (Object.keys(changes).length > 0) steps.push(client.fsetstat(handle, changes))
  if (fsync && client.extensions.has(extension.fsync)) steps.push(client.fsync(handle))
  const found = client.fstat(handle)
  const closed = client.closeHandle(handle)
  await withReason(client, { written: path }, async () => {
    for (const one of await Promise.allSettled([...steps, found, closed]))
      if (one.status === 'rejected') throw one.reason
  })
  const attributes = await found
  if (attributes.size !== undefined && attributes.size !== data.length) {
    const detail = `The file has ${attributes.size} of ${data.length} bytes`
    throw new Refusal('wrong-size', { phase: 'files', detail })
  }
  return attributes
}

async function place(client: SftpClient, part: string, { path, existing }: Put): Promise<void> {
  if (existing === 'refuse') return withReason(client, { taken: path, written: path }, () => client.rename(part, path))
  await withReason(client, { written: path }, () => replace(client, part, path))
}

/**
 * Renames over a file: in one step where the server can; else the old one is put aside first, and back where it fails.
 * @throws Refusal; `file-exists` where there is a directory
 */
export async function replace(client: SftpClient, from: string, to: string): Promise<void> {
  if (client.extensions.has(extension.posixRename)) return client.posixRename(from, to)
  const old = await client.find(to)
  if (!old) return client.rename(from, to)
  if (fileType(old.mode ?? 0) === 'directory') throw new Refusal('file-exists', { phase: 'files' })
  // Whose failure must come before anything is moved.
  await client.lstat(from)
  const aside = partPath(to, newRandom(), 'old')
  await client.rename(to, aside)
  try {
    await client.rename(from, to)
  } catch (error) {
    await client.rename(aside, to).catch(() => undefined)
    throw error
  }
  await client.remove(aside).catch(() => undefined)
}

async function discard(client: SftpClient, part: string, handle: Buffer | undefined): Promise<void> {
  if (handle) client.closeHandle(handle).catch(() => undefined)
  await client.remove(part).catch(() => undefined)
}

/** 48 random bits; those of a UUID are drawn many at a time. */
function newRandom(): string {
  return randomUUID().replaceAll('-', '').slice(0, 12)
}

/**
 * Reads a whole file of at most `bounds.fileData` bytes.
 * @throws Refusal `too-large`; `changed-meanwhile` where it does not have as many bytes as it says
 */
export async function getFile(
  client: SftpClient,
  path: string,
): Promise<{ data: Uint8Array<ArrayBuffer>; attributes: Attributes }> {
  const handle = await client.open(path, { read: true })
  try {
    const [attributes, begin] = await Promise.all([client.fstat(handle), client.read(handle, 0, bounds.fileData)])
    const size = attributes.size ?? 0
    if (size > bounds.fileData) throw tooLarge()
    const pieces = [begin]
    let length = begin.length
    // What the kernel makes up as it is read says that it has no bytes at all.
    for (let last = begin; last.length > 0 && (size === 0 || length < size); length += last.length) {
      if (length >= bounds.fileData) throw tooLarge()
      last = await client.read(
        handle,
        length,
        Math.min(bounds.fileData - length, size === 0 ? bounds.fileData : size - length),
      )
      pieces.push(last)
    }
    if (size !== 0 && length !== size) {
      const detail = `The file gave ${length} of ${size} bytes`
      throw new Refusal('changed-meanwhile', { phase: 'files', detail })
    }
    return { data: Buffer.concat(pieces), attributes }
  } finally {
    client.closeHandle(handle).catch(() => undefined)
  }
}

function tooLarge(): Refusal {
  const detail = `The file has more than ${bounds.fileData / 1024} KiB`
  return new Refusal('too-large', { phase: 'files', detail })
}
