/** A directory as a shell's prompt shows it: `~` for the home of the user, where homes usually are. Pure. */
export function shortDirectory(path: string, username: string | undefined): string {
  if (username === undefined) return path
  const homes = username === 'root' ? ['/root'] : [`/home/${username}`, `/Users/${username}`]
  const home = homes.find((one) => path === one || path.startsWith(`${one}/`))
  return home ? `~${path.slice(home.length)}` : path
}
