import type { FileInfo } from '../../../shared/fileInfo.ts'
import type { Sftp } from '../sftp.ts'
import { failureOfFile } from './fileFailure.ts'

/** Lines of a file of accounts that are read. */
const LINES = 20_000

/** Users or groups of a host, by name. */
export type Names = ReadonlyMap<string, number>

/** What the host's own files say of users and groups; empty where they cannot be read, or the accounts are kept elsewhere. */
export interface Accounts {
  users: Names
  groups: Names
}

/** Reads `/etc/passwd` and `/etc/group`. Rejects with `Failed` where it is not about these files. */
export async function readAccounts(sftp: Pick<Sftp, 'ask'>): Promise<Accounts> {
  const [users, groups] = await Promise.all(['/etc/passwd', '/etc/group'].map((path) => readNames(sftp, path)))
  return { users: users ?? new Map(), groups: groups ?? new Map() }
}

/**
 * These accounts, and those that a listing names beside their numbers: the host has looked these up wherever it keeps them,
 * be it a directory service that its files say nothing of. Pure.
 */
export function withListed({ users, groups }: Accounts, files: readonly FileInfo[]): Accounts {
  const listed = (by: 'owner' | 'group', number: 'uid' | 'gid') =>
    files.flatMap((file): [string, number][] => {
      const { [by]: name, [number]: of } = file
      return name === '' || /^\d+$/.test(name) || of === undefined ? [] : [[name, of]]
    })
  // What the files of the host say comes last, and so holds.
  return {
    users: new Map([...listed('owner', 'uid'), ...users]),
    groups: new Map([...listed('group', 'gid'), ...groups]),
  }
}

async function readNames(sftp: Pick<Sftp, 'ask'>, path: string): Promise<Names> {
  try {
    const { data } = await sftp.ask('sftp-get', { path })
    return namesOf(new TextDecoder().decode(data))
  } catch (error) {
    if (failureOfFile(error)) return new Map()
    throw error
  }
}

/** Names and numbers of passwd(5) and group(5): the first and the third field. Pure. */
export function namesOf(text: string): Names {
  const names = new Map<string, number>()
  for (const line of text.split('\n', LINES)) {
    const [name, , number = ''] = line.split(':')
    if (name && /^\d{1,10}$/.test(number) && !names.has(name)) names.set(name, Number(number))
  }
  return names
}

/** The number that was meant: a number itself, or a known name; undefined for anything else. Pure. */
export function numberOf(text: string, names: Names): number | undefined {
  const trimmed = text.trim()
  const known = names.get(trimmed)
  if (known !== undefined) return known
  // The last one means “leave as it is” to chown(2).
  return /^\d{1,10}$/.test(trimmed) && Number(trimmed) < 0xffffffff ? Number(trimmed) : undefined
}

/** The name of a number, or the number. Pure. */
export function nameOfNumber(number: number, names: Names): string {
  for (const [name, of] of names) if (of === number) return name
  return String(number)
}
