import { bounds, type ClientPayload, type FileEvent } from './protocol.ts'

/** Bytes of file that a file request has on its way in a session, of which there may be `bounds.fileBytes` at once. */
export function fileLoad<E extends FileEvent>(event: E, message: Omit<ClientPayload<E>, 'sessionId'>): number {
  const { data, length } = message as { data?: Uint8Array | ArrayBuffer; length?: number }
  switch (event) {
    case 'sftp-write':
    case 'sftp-put':
      return data?.byteLength ?? 0
    case 'sftp-read':
      return length ?? 0
    case 'sftp-get':
      return bounds.fileData
    case 'sftp-copy':
      return Math.min(length ?? 0, bounds.copyAhead)
    default:
      return 0
  }
}
