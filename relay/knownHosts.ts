import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'

/** What is known of a host key. */
export type Judgement = 'known' | 'new' | 'changed'

/**
 * The host keys that the relay has accepted for clients which cannot be asked: a file `known_hosts` in the state
 * directory, in OpenSSH's format. A browser that can be asked keeps its own and never touches this file.
 */
export class KnownHosts {
  readonly #path: string
  #entries: Promise<Map<string, Set<string>>> | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(stateDir: string) {
    this.#path = join(stateDir, 'known_hosts')
  }

  /** @param key the whole public key blob */
  async judge(host: string, port: number, key: Buffer): Promise<Judgement> {
    const keys = (await this.#read()).get(entryName(host, port))
    if (!keys) return 'new'
    return keys.has(key.toString('base64')) ? 'known' : 'changed'
  }

  /** The keys that are kept for a host, those of one type first. @param type as in `keyType` */
  async kept(host: string, port: number, type: string): Promise<Buffer[]> {
    const keys = [...((await this.#read()).get(entryName(host, port)) ?? [])].map((key) => Buffer.from(key, 'base64'))
    return keys.sort((a, b) => Number(keyType(b) === type) - Number(keyType(a) === type))
  }

  /** Keeps a key for a host that has none. */
  async add(host: string, port: number, key: Buffer): Promise<void> {
    const entries = await this.#read()
    const name = entryName(host, port)
    entries.set(name, (entries.get(name) ?? new Set()).add(key.toString('base64')))
    this.#writing = this.#writing.then(() => this.#write(entries))
    await this.#writing
  }

  #read(): Promise<Map<string, Set<string>>> {
    this.#entries ??= readFile(this.#path, 'utf8').then(parse, (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return new Map()
      this.#entries = undefined
      throw error
    })
    return this.#entries
  }

  async #write(entries: Map<string, Set<string>>): Promise<void> {
    const lines: string[] = []
    for (const [name, keys] of entries)
      for (const key of keys) lines.push(`${name} ${keyType(Buffer.from(key, 'base64'))} ${key}\n`)
    await writeFileAtomic(this.#path, lines.join(''), { mode: 0o600 })
  }
}

/** The algorithm name at the start of a public key blob (RFC 4253 §6.6), cut to 64 printable characters. */
export function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0
  return key
    .subarray(4, 4 + Math.min(length, 64))
    .toString('latin1')
    .replace(/[^\x21-\x7e]/g, '?')
}

function entryName(host: string, port: number): string {
  const name = host.toLowerCase().replace(/\.$/, '')
  return port === 22 ? name : `[${name}]:${port}`
}

function parse(text: string): Map<string, Set<string>> {
  const entries = new Map<string, Set<string>>()
  for (const line of text.split('\n')) {
    const [name, , key] = line.trim().split(/\s+/)
    if (!name || !key || name.startsWith('#')) continue
    entries.set(name, (entries.get(name) ?? new Set()).add(key))
  }
  return entries
}
