import { randomUUID } from 'node:crypto'
import { posix } from 'node:path'
import { Refusal } from '../../shared/failure.ts'
import { joinPath } from '../../shared/fileInfo.ts'
import type { Attributes } from '../../shared/protocol.ts'
import { replace } from '../sftp/smallFile.ts'
import type { Sftp } from '../sftp.ts'

/** There is a file already, which is not to be replaced. SFTP version 3 has no word for it. */
export class AlreadyThere extends Error {}

/** A file on its way: written beside its place, and put there when it is whole, so that an old one stays until then. */
export class Part {
  readonly #sftp: Sftp
  readonly #path: string
  readonly #place: string
  readonly #handle: Buffer
  /** Permissions of the file whose place it takes, if there is one. */
  readonly #mode: number | undefined
  #open = true

  private constructor(sftp: Sftp, of: { path: string; place: string; handle: Buffer; mode: number | undefined }) {
    this.#sftp = sftp
    this.#path = of.path
    this.#place = of.place
    this.#handle = of.handle
    this.#mode = of.mode
  }

  /** Begins one. @throws AlreadyThere without `overwrite`, Refusal */
  static async begin(sftp: Sftp, to: string, overwrite: boolean): Promise<Part> {
    const old = await present(sftp, to)
    if (old && !overwrite) throw new AlreadyThere()
    if (old && !isPlain(old)) throw new Refusal('sftp-failure', { phase: 'files', detail: 'There is no plain file' })
    // Behind a link it is the file that is replaced.
    const place = old ? await sftp.client.realpath(to) : to
    const path = joinPath(posix.dirname(place), `.webssh2-${randomUUID()}.part`)
    const mode = old?.mode === undefined ? undefined : old.mode & 0o7777
    const handle = await sftp.client.open(path, { write: true, create: true, exclusive: true }, mode)
    return new Part(sftp, { path, place, handle, mode })
  }

  /** Writes bytes from an offset on. @throws Refusal */
  async write(data: Buffer, at: number): Promise<void> {
    const { client } = this.#sftp
    const { write } = client.limits
    const writes: Promise<void>[] = []
    for (let done = 0; done < data.length; done += write)
      writes.push(client.write(this.#handle, at + done, data.subarray(done, done + write)))
    await Promise.all(writes)
  }

  /** It is whole. @throws AlreadyThere where a file has come meanwhile and there was none before, Refusal */
  async place(): Promise<void> {
    const mode = this.#mode
    // The server has taken its mask off what the file was opened with.
    const { client } = this.#sftp
    if (mode !== undefined) await client.fsetstat(this.#handle, { mode })
    this.#open = false
    await client.closeHandle(this.#handle)
    if (mode !== undefined) return replace(client, this.#path, this.#place)
    await client.rename(this.#path, this.#place).catch(async (error: unknown) => {
      throw (await present(this.#sftp, this.#place)) ? new AlreadyThere() : error
    })
  }

  /** Takes it away; writes that are under way come before. Whether it worked is nobody's concern. */
  async remove(): Promise<void> {
    if (this.#open) closeHandle(this.#sftp, this.#handle)
    this.#open = false
    if (this.#sftp.state !== 'open') return
    await this.#sftp.client.remove(this.#path).catch(() => undefined)
  }
}

/** Whether it worked is nobody's concern any more. */
export function closeHandle(sftp: Sftp, handle: Buffer): void {
  if (sftp.state !== 'open') return
  sftp.client.closeHandle(handle).catch(() => undefined)
}

/** Neither a directory, nor a device, a pipe or a socket. */
function isPlain({ mode = 0 }: Attributes): boolean {
  return (mode & 0o170000) === 0o100000
}

/** What stands at a path, behind links; undefined for nothing. @throws Refusal */
async function present(sftp: Sftp, path: string): Promise<Attributes | undefined> {
  try {
    return await sftp.client.stat(path)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'no-such-file') return undefined
    throw error
  }
}
