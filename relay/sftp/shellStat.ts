import type { Attributes } from '../../shared/protocol.ts'

/** A file as a shell told of it. */
export interface ShellEntry {
  name: Buffer
  attributes: Attributes
  links: number
  /** Names, or numbers where the host has no names for them. */
  owner: string
  group: string
}

/** What `stat -c` of GNU and BusyBox is asked for: raw mode, links, bytes, owner, group, times, their names. */
export const statFormat = '%f %h %s %u %g %X %Y %U:%G'

const statLine =
  /^([0-9a-f]{1,8}) (\d{1,10}) (\d{1,19}) (\d{1,10}) (\d{1,10}) (-?\d{1,12}) (-?\d{1,12}) ([^\n:]{0,256}):([^\n:/]{0,256})/

const U32_MAX = 0xffffffff
const u32 = (text: string | undefined) => Math.min(Math.max(Number(text ?? 0), 0), U32_MAX)

/** Reads what `stat -c` says of one file; undefined where it does not begin so. @returns also how many characters it took */
export function readStat(text: string): { entry: Omit<ShellEntry, 'name'>; length: number } | undefined {
  const found = statLine.exec(text)
  if (!found) return undefined
  const [whole, mode = '0', links, size, uid, gid, atime, mtime, owner = '', group = ''] = found
  const attributes = {
    size: Math.min(Number(size), Number.MAX_SAFE_INTEGER),
    mode: Number.parseInt(mode, 16) & 0o177777,
    uid: u32(uid),
    gid: u32(gid),
    atime: u32(atime),
    mtime: u32(mtime),
  }
  return { entry: { attributes, links: u32(links), owner, group }, length: whole.length }
}

const listLine =
  /^([-bcdlps])([-rwxsStT]{9})\S? +(\d{1,10}) +(\d{1,10}) +(\d{1,10}) +(?:\d+, *)?(\d{1,19}) +([A-Z][a-z]{2}) +(\d{1,2}) +(?:(\d{1,2}):(\d\d)|(\d{4})) /
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const types: Record<string, number> = {
  '-': 0o100000,
  b: 0o060000,
  c: 0o020000,
  d: 0o040000,
  l: 0o120000,
  p: 0o010000,
  s: 0o140000,
}
const DAY_MS = 24 * 60 * 60 * 1000

/** Reads what `ls -ln` says of one file, in UTC; times are to the minute, or to the day where they are old. @param now milliseconds since 1970 */
export function readList(text: string, now: number): Omit<ShellEntry, 'name'> | undefined {
  const found = listLine.exec(text)
  if (!found) return undefined
  const [, type = '-', permissions = '', links, uid, gid, size, month = '', day, hour, minute, year] = found
  const at = (inYear: number) =>
    Date.UTC(inYear, months.indexOf(month), Number(day), Number(hour ?? 0), Number(minute ?? 0))
  const thisYear = new Date(now).getUTCFullYear()
  // Without a year it was within the last half one.
  const moment = year ? at(Number(year)) : at(thisYear) > now + DAY_MS ? at(thisYear - 1) : at(thisYear)
  const seconds = Math.min(Math.max(Math.floor(moment / 1000), 0), U32_MAX)
  const attributes = {
    size: Math.min(Number(size), Number.MAX_SAFE_INTEGER),
    mode: (types[type] ?? 0) | modeOf(permissions),
    uid: u32(uid),
    gid: u32(gid),
    atime: seconds,
    mtime: seconds,
  }
  return { attributes, links: u32(links), owner: uid ?? '', group: gid ?? '' }
}

/** The twelve bits of `rwsr-xr-t`. */
function modeOf(permissions: string): number {
  let mode = 0
  for (const [at, letter] of [...permissions].entries()) {
    const special = 0o4000 >> Math.floor(at / 3)
    if (/[rwxst]/.test(letter)) mode |= 0o400 >> at
    if (/[sStT]/.test(letter)) mode |= special
  }
  return mode
}

/**
 * What `stat -c 'FORMAT/%n'` said of names in their order. A file that went away meanwhile is left out of both; since the
 * name is compared whole, no name can pass for more than itself.
 * @param list the names, each ended by NUL
 * @returns undefined where the one does not go with the other
 */
export function readStats(list: Buffer, said: Buffer): ShellEntry[] | undefined {
  const entries: ShellEntry[] = []
  let at = 0
  for (const name of namesIn(list)) {
    const read = readStat(said.subarray(at, at + 768).toString('latin1'))
    if (!read) break
    const from = at + read.length
    const end = from + 1 + name.length
    if (said[from] !== 0x2f || said[end] !== 0x0a || !said.subarray(from + 1, end).equals(name)) continue
    at = end + 1
    add(entries, name, read.entry)
  }
  return at === said.length ? entries : undefined
}

/** The same of answers that each end by NUL, empty for a file that went away. @param read reads one */
export function readEach(
  list: Buffer,
  said: Buffer,
  read: (text: string) => Omit<ShellEntry, 'name'> | undefined,
): ShellEntry[] {
  const entries: ShellEntry[] = []
  let at = 0
  for (const name of namesIn(list)) {
    const end = said.indexOf(0, at)
    if (end < 0) break
    const entry = read(said.subarray(at, Math.min(end, at + 768)).toString('latin1'))
    at = end + 1
    if (entry) add(entries, name, entry)
  }
  return entries
}

function add(entries: ShellEntry[], name: Buffer, entry: Omit<ShellEntry, 'name'>): void {
  const own = name.subarray(2)
  if (own.equals(dot) || own.equals(dots)) return
  entries.push({ name: own, ...entry })
}

const dot = Buffer.from('.')
const dots = Buffer.from('..')

/** Names that a shell found by `./*`, with their `./`. */
function* namesIn(list: Buffer): Generator<Buffer> {
  for (let at = 0; at < list.length; ) {
    const end = list.indexOf(0, at)
    if (end < 0) return
    yield list.subarray(at, end)
    at = end + 1
  }
}
