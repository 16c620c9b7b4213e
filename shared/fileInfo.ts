import * as v from 'valibot'

/** One entry of a directory listing, as seed 000 has it and more; names are those of `fileName.ts`. Over the wire `modifiedAt` is an ISO 8601 string. */
export const FileInfo = v.object({
  name: v.string(),
  /** Absolute path on the server. */
  path: v.string(),
  /** Bytes. */
  size: v.number(),
  type: v.picklist(['file', 'directory', 'symlink']),
  /** As `ls -l` shows it: type letter and nine mode letters, e.g. `drwxr-xr-x`. */
  permissions: v.string(),
  owner: v.string(),
  group: v.string(),
  modifiedAt: v.pipe(
    v.union([v.date(), v.string()]),
    v.transform((value) => (typeof value === 'string' ? new Date(value) : value)),
    v.date(),
  ),
  /** In pages, what the server says in numbers: mode with its type bits, seconds since 1970. */
  mode: v.optional(v.number()),
  uid: v.optional(v.number()),
  gid: v.optional(v.number()),
  atime: v.optional(v.number()),
  /** Where a symbolic link points to, as it is written in it. */
  target: v.optional(v.string()),
})
export type FileInfo = v.InferOutput<typeof FileInfo>
/** As it is sent. */
export type SentFileInfo = v.InferInput<typeof FileInfo>

const S_IFMT = 0o170000
// A map, since the formatter rewrites octal keys of an object to other numbers.
const typeLetters = new Map([
  [0o010000, 'p'],
  [0o020000, 'c'],
  [0o040000, 'd'],
  [0o060000, 'b'],
  [0o100000, '-'],
  [0o120000, 'l'],
  [0o140000, 's'],
])

/** The kind of a file by its mode; devices, pipes and sockets count as files. */
export function fileType(mode: number): FileInfo['type'] {
  switch (mode & S_IFMT) {
    case 0o040000:
      return 'directory'
    case 0o120000:
      return 'symlink'
    default:
      return 'file'
  }
}

/** Ten characters as `ls -l` prints them, with s, S, t and T for the special bits. */
export function permissionsText(mode: number): string {
  const triple = (bits: number, special: boolean, letter: string) =>
    (bits & 4 ? 'r' : '-') +
    (bits & 2 ? 'w' : '-') +
    (special ? (bits & 1 ? letter : letter.toUpperCase()) : bits & 1 ? 'x' : '-')
  return (
    (typeLetters.get(mode & S_IFMT) ?? '?') +
    triple((mode >> 6) & 7, (mode & 0o4000) !== 0, 's') +
    triple((mode >> 3) & 7, (mode & 0o2000) !== 0, 's') +
    triple(mode & 7, (mode & 0o1000) !== 0, 't')
  )
}

/** `dir` and `name` joined by one slash; `name` is one component and is not interpreted. */
export function joinPath(dir: string, name: string): string {
  return dir.endsWith('/') ? dir + name : `${dir}/${name}`
}

/** The directory above an absolute POSIX path; that of `/` is `/`. */
export function parentPath(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  return trimmed.slice(0, Math.max(1, trimmed.lastIndexOf('/'))) || '/'
}
