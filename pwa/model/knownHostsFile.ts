import type { KnownHost } from '../store/schema.ts'
import { canonicalHost, fileName, isHashed, type Place, placeOf } from './knownHostsName.ts'
import { plainLine } from './plainText.ts'
import { fromBase64, WireError, WireReader } from './sshWire.ts'

/** Lines of a file that are read, characters of its text, of one line's hosts and of a comment. */
export const fileBounds = { lines: 20_000, text: 8 * 1024 * 1024, hosts: 1024, comment: 256 } as const

const PATTERN = /[*?!]/
const HASHED = /^\|1\|[A-Za-z0-9+/]{27}=\|[A-Za-z0-9+/]{27}=$/

/** Which hosts an entry is about: one by its name, or whatever a line says in patterns, by a hash, or with a marker. */
type About = { place: Place } | { hosts: string; marker?: 'revoked' | 'cert-authority' }

/** One host key of a `known_hosts` file; a line that names several hosts gives as many. */
export interface FileEntry {
  /** Counts from 1. */
  line: number
  about: About
  type: string
  /** The whole public key blob, base64. */
  key: string
  comment: string | undefined
}

/** A line that is no entry. */
interface BadLine {
  line: number
  /** What it begins with, safe to show. */
  text: string
  /** Why, a whole sentence. */
  why: string
}

/** What a file says, and what in it nothing can be made of. */
export interface KnownHostsFile {
  entries: FileEntry[]
  bad: BadLine[]
  /** Lines that are comments; they are not kept. */
  comments: number
}

class Wrong extends Error {}

/** Reads a file in OpenSSH's `known_hosts` format (sshd(8)). No text makes it throw; lines that do not fit are told. */
export function readKnownHosts(text: string): KnownHostsFile {
  const file: KnownHostsFile = { entries: [], bad: [], comments: 0 }
  const tooLong = text.length > fileBounds.text
  const lines = text
    .slice(0, fileBounds.text)
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
  const known = new Map<string, string>()
  for (const [at, whole] of lines.slice(0, fileBounds.lines).entries()) {
    const content = whole.trim()
    if (content === '') continue
    if (content.startsWith('#')) {
      file.comments += 1
      continue
    }
    try {
      file.entries.push(...readLine(content, at + 1, known))
    } catch (error) {
      if (!(error instanceof Wrong)) throw error
      file.bad.push({ line: at + 1, text: plainLine(content, 60), why: error.message })
    }
  }
  if (tooLong || lines.length > fileBounds.lines) {
    const rest = {
      line: Math.min(lines.length, fileBounds.lines) + 1,
      text: '…',
      why: 'The file is too long: the rest was not read.',
    }
    file.bad.push(rest)
  }
  return file
}

/** @param known types of the keys that were read before, since a file repeats few keys under many names */
function readLine(content: string, line: number, known: Map<string, string>): FileEntry[] {
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(content)) throw new Wrong('It holds characters that no such file has.')
  const words = content.split(/[ \t]+/)
  const marker = content.startsWith('@') ? words.shift() : undefined
  if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority')
    throw new Wrong(`The marker ${plainLine(marker, 32)} is not known.`)
  const [hosts = '', type, key, ...rest] = words
  if (type === undefined || key === undefined) throw new Wrong('An entry has hosts, a type and a key.')
  if (/^\d+$/.test(type)) throw new Wrong('This is a key of SSH 1, which nothing takes any more.')
  if (hosts.length > fileBounds.hosts)
    throw new Wrong(`It names its hosts in more than ${fileBounds.hosts} characters.`)
  const real = known.get(key) ?? keyTypeOf(key)
  if (real === undefined) throw new Wrong('The key is not a whole public key.')
  known.set(key, real)
  if (real !== type) throw new Wrong(`It says ${plainLine(type, 64)}, but the key is ${real}.`)
  const comment = plainLine(rest.join(' '), fileBounds.comment) || undefined
  return aboutOf(hosts, marker?.slice(1) as 'revoked' | 'cert-authority' | undefined).map((about) => ({
    line,
    about,
    type,
    key,
    comment,
  }))
}

function aboutOf(hosts: string, marker: 'revoked' | 'cert-authority' | undefined): About[] {
  if (isHashed(hosts)) {
    if (!HASHED.test(hosts)) throw new Wrong('The hash of the host is not well formed.')
    return [{ hosts, ...(marker && { marker }) }]
  }
  const names = hosts.split(',').filter((name) => name !== '')
  if (names.length === 0 || names.every((name) => name.startsWith('!'))) throw new Wrong('It names no host.')
  if (marker) return [{ hosts: names.join(','), marker }]
  if (PATTERN.test(hosts)) return [{ hosts: names.join(',') }]
  return names.map((name) => ({ place: placeIn(name) }))
}

function placeIn(name: string): Place {
  const [, bracketed, port] = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(name) ?? []
  const host = canonicalHost(bracketed ?? name)
  const number = port === undefined ? 22 : Number(port)
  if (host === '' || /[\s/@[\]]/.test(host) || number < 1 || number > 65_535)
    throw new Wrong(`${plainLine(name, 64)} is not the name of a host.`)
  return { host, port: number }
}

/** The type that the base64 of a public key blob names (RFC 4253 §6.6); undefined where it is none. */
export function keyTypeOf(key: string): string | undefined {
  try {
    const reader = new WireReader(fromBase64(key))
    const type = reader.text()
    let parts = 0
    for (; reader.left > 0; parts++) reader.string()
    return parts > 0 && /^[\w@.-]{1,64}$/.test(type) ? type : undefined
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

/**
 * Writes the known hosts as OpenSSH reads them. What another machine would misread is a comment: hosts that are local to a
 * relay. Keys that were announced and not yet seen are left out.
 * @param relayLabel names a relay
 */
export function writeKnownHosts(hosts: readonly KnownHost[], relayLabel: (endpointId: string) => string): string {
  const lines: string[] = []
  for (const { id, keys, line } of hosts) {
    const place = line ? undefined : placeOf(id)
    const marker = line?.marker ? `@${line.marker} ` : ''
    const names = line?.hosts ?? (place && fileName(place))
    if (names === undefined) continue
    const local =
      place?.endpointId === undefined ? '' : `# through relay ${plainLine(relayLabel(place.endpointId), 64)}: `
    for (const { type, key, comment, from } of keys) {
      if (from === 'announced') continue
      lines.push(`${local}${marker}${names} ${type} ${key}${comment ? ` ${comment}` : ''}\n`)
    }
  }
  return lines.join('')
}
