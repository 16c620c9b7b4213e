import { plainLine } from './plainText.ts'

/** Characters of a directory that are shown. */
const SHOWN = 128

/** A directory as a shell's prompt shows it: `~` for the home of the user, where homes usually are; one short, plain line. Pure. */
export function shortDirectory(path: string, username: string | undefined): string {
  const homes = username === 'root' ? ['/root'] : [`/home/${username}`, `/Users/${username}`]
  const home = username === undefined ? undefined : homes.find((one) => path === one || path.startsWith(`${one}/`))
  return plainLine(home ? `~${path.slice(home.length)}` : path, SHOWN)
}
