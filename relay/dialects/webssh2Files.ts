import { randomUUID } from 'node:crypto'
import { posix } from 'node:path'
import type { Socket } from 'socket.io'
import { type FailureCode, Refusal } from '../../shared/failure.ts'
import { fileType, joinPath, permissionsText, type SentFileInfo } from '../../shared/fileInfo.ts'
import type { Attributes } from '../../shared/protocol.ts'
import { handlers, type Scene } from '../handlers.ts'
import type { Sftp } from '../sftp.ts'
import type { Webssh2Message } from './webssh2Events.ts'
import { AlreadyThere } from './webssh2Part.ts'
import { TransferFailed, Webssh2Transfers } from './webssh2Transfers.ts'

const codes: Partial<Record<FailureCode, string>> = {
  'no-such-file': 'SFTP_NOT_FOUND',
  'permission-denied': 'SFTP_PERMISSION_DENIED',
  'too-many-handles': 'SFTP_MAX_TRANSFERS',
  'bad-request': 'SFTP_INVALID_REQUEST',
  'session-state': 'SFTP_NO_CONNECTION',
  'no-session': 'SFTP_NO_CONNECTION',
}

type Operation = 'list' | 'stat' | 'mkdir' | 'delete' | 'upload' | 'download'

/** The files of WebSSH2, on one SFTP conversation that shares the connection of the shell; it is opened when first needed. */
export class Webssh2Files {
  readonly #socket: Socket
  readonly #scene: Scene
  readonly #shellId: string
  readonly #transfers: Webssh2Transfers
  #opening: Promise<Sftp> | undefined

  constructor(socket: Socket, scene: Scene, shellId: string, window: number) {
    this.#socket = socket
    this.#scene = scene
    this.#shellId = shellId
    this.#transfers = new Webssh2Transfers(socket, scene.peer, window)
  }

  list({ path, showHidden }: Webssh2Message<'sftp-list'>): Promise<void> {
    return this.#do('list', path, async (sftp) => {
      const listed = await sftp.list({ sessionId: sftp.id, path: fromHome(path) })
      const entries = listed.files.filter(({ name }) => showHidden || !name.startsWith('.'))
      this.#socket.emit('sftp-directory', { path: listed.path, entries: entries.map((info) => toEntry(info)) })
    })
  }

  stat({ path }: Webssh2Message<'sftp-stat'>): Promise<void> {
    return this.#do('stat', path, async ({ client }) => {
      const absolute = await client.realpath(fromHome(path))
      const found = await client.stat(absolute)
      const entry = toEntry(infoOf(absolute, found), found.atime)
      this.#socket.emit('sftp-stat-result', { path, entry })
    })
  }

  mkdir({ path, mode }: Webssh2Message<'sftp-mkdir'>): Promise<void> {
    return this.#do('mkdir', path, async ({ client }) => {
      await client.mkdir(fromHome(path), mode)
      this.#socket.emit('sftp-operation-result', { operation: 'mkdir', success: true, path })
    })
  }

  delete({ path, recursive }: Webssh2Message<'sftp-delete'>): Promise<void> {
    return this.#do('delete', path, async (sftp) => {
      await remove(sftp, fromHome(path), recursive)
      this.#socket.emit('sftp-operation-result', { operation: 'delete', success: true, path })
    })
  }

  startUpload(asked: Webssh2Message<'sftp-upload-start'>): Promise<void> {
    return this.#do('upload', asked.remotePath, (sftp) =>
      this.#transfers.startUpload(sftp, asked, fromHome(asked.remotePath)),
    )
  }

  chunk(asked: Webssh2Message<'sftp-upload-chunk'>): Promise<void> {
    return this.#do('upload', undefined, () => this.#transfers.chunk(asked))
  }

  cancelUpload({ transferId }: Webssh2Message<'sftp-upload-cancel'>): void {
    this.#transfers.cancelUpload(transferId)
  }

  download({ remotePath }: Webssh2Message<'sftp-download-start'>): Promise<void> {
    return this.#do('download', remotePath, (sftp) => this.#transfers.download(sftp, fromHome(remotePath)))
  }

  cancelDownload({ transferId }: Webssh2Message<'sftp-download-cancel'>): void {
    this.#transfers.cancelDownload(transferId)
  }

  /** The conversation is over; the next request opens another. */
  lost(): void {
    this.#opening = undefined
    void this.#transfers.close()
  }

  /** The client is gone. Resolves when the conversation may end; undefined where that is at once. */
  close(): Promise<void> | undefined {
    return this.#transfers.close()
  }

  async #do(operation: Operation, path: string | undefined, work: (sftp: Sftp) => Promise<void>): Promise<void> {
    try {
      await work(await this.#open())
    } catch (error) {
      const failed = error instanceof TransferFailed ? error : undefined
      this.#fail(operation, failed ? failed.of : path === undefined ? {} : { path }, failed ? failed.cause : error)
    }
  }

  #open(): Promise<Sftp> {
    if (!this.#opening) {
      const { sessions, peer } = this.#scene
      const sessionId = `webssh2-files-${randomUUID()}`
      const opening = Promise.resolve(handlers['sftp-connect'](this.#scene, { sessionId, session: this.#shellId }))
      this.#opening = opening.then(() => sessions.sftp(peer, sessionId))
      this.#opening.catch(() => {
        this.#opening = undefined
      })
    }
    return this.#opening
  }

  #fail(operation: Operation, of: { path?: string; transferId?: string }, error: unknown): void {
    if (error instanceof AlreadyThere) {
      this.#socket.emit('sftp-error', { operation, code: 'SFTP_ALREADY_EXISTS', message: 'File already exists', ...of })
      return
    }
    if (!(error instanceof Refusal)) throw error
    const code = codes[error.code] ?? 'SFTP_SESSION_ERROR'
    this.#socket.emit('sftp-error', { operation, code, message: error.message, ...of })
  }
}

/** `~` is the home directory, where SFTP begins. */
const fromHome = (path: string) => path.replace(/^~(?=\/|$)/, '.')

/** Takes a file, a link (never what it points to), or a directory away. @throws Refusal, for a directory that is not empty and not `recursive` */
async function remove(sftp: Sftp, path: string, recursive: boolean): Promise<void> {
  const { mode = 0 } = await sftp.client.lstat(path)
  if (fileType(mode) !== 'directory') return sftp.client.remove(path)
  if (recursive) {
    const { files } = await sftp.list({ sessionId: sftp.id, path })
    for (const { name } of files) await remove(sftp, joinPath(path, name), true)
  }
  return sftp.client.rmdir(path)
}

function infoOf(path: string, { mode = 0, size = 0, uid = 0, gid = 0, mtime = 0 }: Attributes): SentFileInfo {
  return {
    name: posix.basename(path) || '/',
    path,
    size,
    type: fileType(mode),
    permissions: permissionsText(mode),
    owner: String(uid),
    group: String(gid),
    modifiedAt: new Date(mtime * 1000).toISOString(),
  }
}

/** @param accessed seconds, where they are known: a listing does not tell */
function toEntry(info: SentFileInfo, accessed?: number) {
  return {
    ...info,
    ...(accessed !== undefined && { accessedAt: new Date(accessed * 1000).toISOString() }),
    permissionsOctal: octal(info.permissions),
    isHidden: info.name.startsWith('.'),
  }
}

/** `drwxr-xr-x` as `0755`. */
function octal(permissions: string): string {
  const letters = permissions.slice(1)
  const special = [2, 5, 8].reduce((sum, at, index) => sum + (/[stST]/.test(letters[at] ?? '') ? 4 >> index : 0), 0)
  const triples = [0, 3, 6].map((at) =>
    [4, 2, 1].reduce((sum, bit, index) => sum + (/[rwxst]/.test(letters[at + index] ?? '') ? bit : 0), 0),
  )
  return [special, ...triples].join('')
}
