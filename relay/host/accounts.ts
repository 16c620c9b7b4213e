import { readFile, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'

/** Names of users and groups by number; a number without a name is shown as the number. */
export class Accounts {
  readonly #users = new NameTable('/etc/passwd')
  readonly #groups = new NameTable('/etc/group')
  readonly #self = userInfo()

  /** Reads the tables, if they have changed since the last time. */
  async refresh(): Promise<void> {
    await Promise.all([this.#users.refresh(), this.#groups.refresh()])
  }

  user(uid: number): string {
    // Directory services (LDAP, macOS) are not in the table; at least one's own name is known.
    return this.#users.name(uid) ?? (uid === this.#self.uid ? this.#self.username : String(uid))
  }

  group(gid: number): string {
    return this.#groups.name(gid) ?? String(gid)
  }
}

/** A file of lines `name:…:number:…`, kept until its time of change differs. */
class NameTable {
  readonly #path: string
  #names = new Map<number, string>()
  #changed = -1

  constructor(path: string) {
    this.#path = path
  }

  name(id: number): string | undefined {
    return this.#names.get(id)
  }

  async refresh(): Promise<void> {
    const changed = await stat(this.#path).then(
      (stats) => stats.mtimeMs,
      () => -1,
    )
    if (changed === this.#changed) return
    const text = changed === -1 ? '' : await readFile(this.#path, 'utf8')
    const names = new Map<number, string>()
    for (const line of text.split('\n')) {
      const [name, , id] = line.split(':')
      // The first line of a number wins, as in getpwuid(3).
      if (name && id && /^\d+$/.test(id) && !names.has(Number(id))) names.set(Number(id), name)
    }
    this.#names = names
    this.#changed = changed
  }
}
