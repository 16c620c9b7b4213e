import { randomUUID } from 'node:crypto'
import { posix } from 'node:path'
import type { Socket } from 'socket.io'
import type { Stats } from 'ssh2'
import { type FailureCode, Refusal } from '../../shared/failure.ts'
import { type FileInfo, fileType, joinPath, permissionsText } from '../../shared/fileInfo.ts'
import { handlers, type Scene } from '../handlers.ts'
import type { Sftp } from '../sftp.ts'
import type { Webssh2Message } from './webssh2Events.ts'
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
      const entries = (listed.files as FileInfo[]).filter(({ name }) => showHidden || !name.startsWith('.'))
      this.#socket.emit('sftp-directory', { path: listed.path, entries: entries.map((info) => toEntry(info)) })
    })
  }

  stat({ path }: Webssh2Message<'sftp-stat'>): Promise<void> {
    return this.#do('stat', path, async (sftp) => {
      const absolute = await sftp.request<string>((ssh, done) => ssh.realpath(fromHome(path), done))
      const found = await sftp.request<Stats>((ssh, done) => ssh.stat(absolute, done))
      const entry = toEntry(infoOf(absolute, found), found.atime)
      this.#socket.emit('sftp-stat-result', { path, entry })
    })
  }

  mkdir({ path, mode }: Webssh2Message<'sftp-mkdir'>): Promise<void> {
    return this.#do('mkdir', path, async (sftp) => {
      await sftp.request<void>((ssh, done) =>
        ssh.mkdir(fromHome(path), mode === undefined ? {} : { mode }, (error) => done(error, undefined)),
      )
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
      this.#transfers.startUpload(sftp, asked, fromHome(asked.remotePath)).catch(async (error) => {
        const there = await sftp
          .request<Stats>((ssh, done) => ssh.stat(fromHome(asked.remotePath), done))
          .catch(() => undefined)
        if (!asked.overwrite && there) throw new AlreadyThere()
        throw error
      }),
    )
  }

  chunk(asked: Webssh2Message<'sftp-upload-chunk'>): Promise<void> {
    return this.#do('upload', undefined, () => this.#transfers.chunk(asked))
  }

  cancelUpload({ transferId }: Webssh2Message<'sftp-upload-cancel'>): Promise<void> {
    return this.#do('upload', undefined, () => this.#transfers.cancelUpload(transferId))
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
    this.#transfers.close()
  }

  /** The client is gone; the conversation ends with its session. */
  close(): void {
    this.#transfers.close()
  }

  /** Answers a request that is not well formed. */
  refuse(operation: Operation): void {
    this.#fail(operation, {}, new Refusal('bad-request'))
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

/** SFTP version 3 has no word for it: servers say no more than that it failed. */
class AlreadyThere extends Error {}

/** `~` is the home directory, where SFTP begins. */
const fromHome = (path: string) => path.replace(/^~(?=\/|$)/, '.')

/** Takes a file, a link (never what it points to), or a directory away. @throws Refusal, for a directory that is not empty and not `recursive` */
async function remove(sftp: Sftp, path: string, recursive: boolean): Promise<void> {
  const found = await sftp.request<Stats>((ssh, done) => ssh.lstat(path, done))
  if (!found.isDirectory()) {
    return sftp.request<void>((ssh, done) => ssh.unlink(path, (error) => done(error, undefined)))
  }
  if (recursive) {
    const { files } = await sftp.list({ sessionId: sftp.id, path })
    for (const { name } of files) await remove(sftp, joinPath(path, name), true)
  }
  return sftp.request<void>((ssh, done) => ssh.rmdir(path, (error) => done(error, undefined)))
}

function infoOf(path: string, { mode, size, uid, gid, mtime }: Stats): FileInfo {
  return {
    name: posix.basename(path) || '/',
    path,
    size,
    type: fileType(mode),
    permissions: permissionsText(mode),
    owner: String(uid),
    group: String(gid),
    modifiedAt: new Date(mtime * 1000),
  }
}

/** @param accessed seconds, where they are known: a listing does not tell */
function toEntry(info: FileInfo, accessed?: number) {
  return {
    ...info,
    modifiedAt: info.modifiedAt.toISOString(),
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
