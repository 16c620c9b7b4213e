import type { Stats } from 'node:fs'
import { permissionsText } from '../../shared/fileInfo.ts'
import { attributeFields, type Field } from '../sftp/packet.ts'
import type { Accounts } from './accounts.ts'

const U32_MAX = 0xffffffff

/** The fields of ATTRS for a file. */
export function statFields({ size, uid, gid, mode, atimeMs, mtimeMs }: Stats): Field[] {
  return attributeFields({ size, uid, gid, mode, atime: seconds(atimeMs), mtime: seconds(mtimeMs) })
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
