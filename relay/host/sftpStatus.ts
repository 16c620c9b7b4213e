import { getSystemErrorMap } from 'node:util'
import { MalformedPacket, statusCode } from '../sftp/packet.ts'

/** A request that is answered with a status other than OK. */
export class SftpStatus extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** Which status OpenSSH's server gives for an error of the system; all others are FAILURE. */
const byErrno: Record<string, number> = {
  ENOENT: statusCode.noSuchFile,
  ENOTDIR: statusCode.noSuchFile,
  EBADF: statusCode.noSuchFile,
  ELOOP: statusCode.noSuchFile,
  EPERM: statusCode.permissionDenied,
  EACCES: statusCode.permissionDenied,
  EFAULT: statusCode.permissionDenied,
  ENAMETOOLONG: statusCode.badMessage,
  EINVAL: statusCode.badMessage,
  ENOSYS: statusCode.opUnsupported,
}

/** The status to answer for what a request threw; undefined for an error of neither the client nor the system: a bug. */
export function statusOf(error: unknown): SftpStatus | undefined {
  if (error instanceof SftpStatus) return error
  if (error instanceof MalformedPacket) return new SftpStatus(statusCode.badMessage, error.message)
  const { code, errno } = error as NodeJS.ErrnoException
  if (code === undefined || errno === undefined) return undefined
  const text = getSystemErrorMap().get(errno)?.[1] ?? code
  return new SftpStatus(byErrno[code] ?? statusCode.failure, text)
}
