import type { Stats } from 'node:fs'
import { permissionsText } from '../../shared/fileInfo.ts'
import type { Accounts } from './accounts.ts'
import { attributeFlag, type Field } from './sftpPacket.ts'

/** ATTRS as a client sends them (draft-ietf-secsh-filexfer-02 §5); what is absent is left as it is. */
export interface Attributes {
  /** Bytes. */
  size?: number
  owner?: { uid: number; gid: number }
  mode?: number
  /** Seconds since 1970. */
  times?: { atime: number; mtime: number }
}

const U32_MAX = 0xffffffff

/** The fields of ATTRS for a file. */
export function attributeFields(stats: Stats): Field[] {
  return [
    attributeFlag.size | attributeFlag.owner | attributeFlag.permissions | attributeFlag.times,
    BigInt(stats.size),
    stats.uid,
    stats.gid,
    stats.mode,
    seconds(stats.atimeMs),
    seconds(stats.mtimeMs),
  ]
}

/** SFTP 3 has unsigned 32-bit seconds: 1970 to 2106. */
function seconds(ms: number): number {
  return Math.min(Math.max(Math.floor(ms / 1000), 0), U32_MAX)
}

/** Half a year, after which `ls -l` shows the year in place of the time. */
const RECENT_MS = 182.5 * 24 * 3600 * 1000

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The line `ls -l` prints for a file, as OpenSSH's server words it; the name stays as bytes. */
export function longName(name: Buffer, stats: Stats, accounts: Accounts, now: number): Buffer {
  const line = [
    permissionsText(stats.mode),
    String(stats.nlink).padStart(3),
    accounts.user(stats.uid).padEnd(8),
    accounts.group(stats.gid).padEnd(8),
    String(stats.size).padStart(8),
    date(stats.mtime, now),
    '',
  ].join(' ')
  return Buffer.concat([Buffer.from(line), name])
}

function date(time: Date, now: number): string {
  const age = now - time.getTime()
  const day = `${months[time.getMonth()]} ${String(time.getDate()).padStart(2)}`
  if (age > RECENT_MS || age < 0) return `${day} ${String(time.getFullYear()).padStart(5)}`
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
