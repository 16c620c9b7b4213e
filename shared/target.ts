import * as v from 'valibot'
import { isAddress6, readHost } from './hostName.ts'
import { bounds } from './protocol.ts'
import { readArguments, type SshArguments } from './sshArguments.ts'
import { Problem, quoted, shellWord, shellWords } from './words.ts'

const place = {
  /** As `readHost` makes it: a name in ASCII, or an address without brackets. */
  host: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
  port: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))),
  username: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(256))),
}
const Place = v.object(place)
type Place = v.InferOutput<typeof Place>

/** Where a person wants to go: a shell or the files of a host, through which hosts, and what to do there. */
export const Target = v.object({
  scheme: v.picklist(['ssh', 'sftp']),
  ...place,
  /** Hosts to go through, first hop first. */
  jump: v.pipe(v.array(Place), v.maxLength(bounds.jump)),
  /** With `sftp`: where to begin; one that is not absolute counts from the home directory, which is `.`. */
  path: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(4096))),
  /** With `ssh`: what to run instead of a shell. */
  command: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(65_536))),
})
export type Target = v.InferOutput<typeof Target>

/** What a text says, or a sentence about what is wrong with it. `notes` are sentences about options that cannot count here. */
export type Reading = { ok: true; target: Target; notes: string[] } | { ok: false; problem: string }

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d{1,6}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new Problem(
    `${text ? `${quoted(text)} is not a port` : 'The port is missing'}: a port is a number from 1 to 65535.`,
  )
}

function readUsername(text: string): string {
  if (text === '') throw new Problem('The user name before @ is missing.')
  if (/[\p{Cc}\p{Surrogate}]/u.test(text)) throw new Problem('The user name holds a character that cannot be typed.')
  if (text.length > 256) throw new Problem('The user name is too long: 256 characters at most.')
  return text
}

/** `~/x` and `./x` both count from the home directory, where SFTP begins as well. */
function readPath(text: string): string {
  if (/[\p{Cc}\p{Surrogate}]/u.test(text)) throw new Problem('The path holds a character that cannot be typed.')
  if (text.length > 4096) throw new Problem('The path is too long: 4,096 characters at most.')
  return text.replace(/^(~|\.)(\/+|$)/, '').replace(/^$/, '.')
}

function splitUsername(text: string): [username: string | undefined, rest: string] {
  const at = text.lastIndexOf('@')
  return at < 0 ? [undefined, text] : [text.slice(0, at), text.slice(at + 1)]
}

function refusePassword(username: string | undefined): void {
  if (username?.includes(':')) {
    throw new Problem('Leave the password out of the address: it would be kept with it. You are asked for it safely.')
  }
}

/** Host and what stands after its colon; an IPv6 address needs no brackets where nothing follows. */
function splitHost(text: string): [host: string, after: string | undefined] {
  if (text.startsWith('[')) {
    const end = text.indexOf(']')
    if (end < 0) throw new Problem(`The bracket in ${quoted(text)} is not closed.`)
    const after = text.slice(end + 1)
    if (after && !after.startsWith(':'))
      throw new Problem(`After ] only a colon and a port or a path may follow, not ${quoted(after)}.`)
    return [readHost(text.slice(1, end)), after ? after.slice(1) : undefined]
  }
  if (text.includes(']')) throw new Problem(`The bracket in ${quoted(text)} was not opened.`)
  if (/^[\da-f.]*:[\da-f.]*:[\da-f:.]*(%[\w.-]+)?$/i.test(text)) return [readHost(text), undefined]
  const colon = text.indexOf(':')
  return colon < 0 ? [readHost(text), undefined] : [readHost(text.slice(0, colon)), text.slice(colon + 1)]
}

/** `[user@]host[:port]` or, as scp has it, `[user@]host:path`: digits alone are a port. */
function readDestination(text: string): Place & { path?: string } {
  // A path may hold @ and :, so the user name ends at the last @ before the first slash.
  const [, front = '', back = ''] = /^([^/]*)(.*)$/s.exec(text) ?? []
  const [username, rest] = splitUsername(front)
  refusePassword(username)
  const [host, after] = splitHost(rest + back)
  const found: Place & { path?: string } = { host }
  if (username !== undefined) found.username = readUsername(username)
  if (after === undefined) return found
  if (after === '') throw new Problem('After the colon a port or a path is missing.')
  if (/^\d+$/.test(after)) found.port = readPort(after)
  else if (/:\d*$/.test(after) && !after.includes('/')) {
    throw new Problem(`${quoted(text)} has more than one colon; an IPv6 address with a port is written [::1]:22.`)
  } else found.path = readPath(after)
  return found
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Problem(`${quoted(text)} is not well encoded: after % two hexadecimal digits must follow.`)
  }
}

/** `ssh://` and `sftp://`, with or without `web+` (draft-ietf-secsh-scp-sftp-ssh-uri); `/~/` in a path is the home directory. */
function readUrl(text: string): Target {
  const [, scheme = '', authority = '', path = '', more = ''] =
    /^(?:web\+)?(ssh|sftp):\/\/([^/?#]*)([^?#]*)(.*)$/is.exec(text) ?? []
  if (more) throw new Problem(`An address ends with its path: leave out ${quoted(more)}.`)
  const [user, hostAndPort] = splitUsername(authority)
  refusePassword(user)
  const [host, port] = splitHost(hostAndPort.startsWith('[') ? hostAndPort : decoded(hostAndPort))
  const target: Target = { scheme: scheme.toLowerCase() === 'ssh' ? 'ssh' : 'sftp', host, jump: [] }
  if (port) target.port = readPort(port)
  if (user !== undefined) target.username = readUsername(decoded(user.replace(/;.*$/s, '')))
  if (path === '' || path === '/') return target
  if (target.scheme === 'ssh') throw new Problem('An address with ssh:// has no path; for files write sftp://.')
  const place = decoded(path)
  target.path = readPath(place.startsWith('/~') ? place.slice(1) : place)
  return target
}

const otherSchemes: Record<string, string> = {
  http: 'is an address of the web',
  https: 'is an address of the web',
  ftp: 'is FTP, which is not encrypted; write sftp:// if the host has SSH',
  telnet: 'is Telnet, which is not encrypted; write ssh:// if the host has SSH',
  file: 'is a file of this machine',
}

/** What stands before a command that was copied together with its prompt. */
function withoutPrompt(text: string): string {
  const plain = text.replace(/^[$#%>❯➜»]\s+/u, '')
  if (/^(\S*\/)?(ssh|sftp)(\.exe)?\s/i.test(plain)) return plain
  return plain.replace(/^[^'"]{0,120}?[$#%>❯➜»]\s+(?=s(?:sh|ftp)(?:\.exe)?\s)/u, '')
}

function readHop(text: string): Place {
  if (/^\w[\w+.-]*:\/\//.test(text)) {
    const { host, port, username, path } = readUrl(text)
    if (path === undefined) return { host, ...(port && { port }), ...(username && { username }) }
  }
  const { path, ...hop } = readDestination(text)
  if (path !== undefined)
    throw new Problem(`${quoted(text)} is not a host to go through: only a port may follow the colon.`)
  return hop
}

function readJump(text: string): Place[] {
  if (text.toLowerCase() === 'none') return []
  const hops = text.split(',').map((hop) => readHop(hop.trim()))
  if (hops.length > bounds.jump) throw new Problem(`At most ${bounds.jump} hosts can be gone through.`)
  return hops
}

function fromArguments(scheme: Target['scheme'], found: SshArguments): Target {
  const [destination, ...rest] = found.rest
  if (destination === undefined) throw new Problem(`Name a host after ${scheme}.`)
  const isUrl = /^(web\+)?s(sh|ftp):\/\//i.test(destination)
  const { path, ...named } = isUrl ? readUrl(destination) : readDestination(destination)
  const target: Target = { ...named, scheme, jump: found.jump === undefined ? [] : readJump(found.jump) }
  if (found.hostName !== undefined) target.host = readHost(found.hostName.replaceAll('%h', target.host))
  if (found.port !== undefined) target.port = readPort(found.port)
  if (found.username !== undefined) target.username = readUsername(found.username)
  if (scheme === 'sftp') {
    if (rest.length > 0) throw new Problem(`sftp takes one place; ${quoted(rest.join(' '))} is one too many.`)
    if (path !== undefined) target.path = path
    return target
  }
  if (path !== undefined) throw new Problem('ssh takes no path after the host; for files write sftp instead.')
  const command = rest.join(' ')
  if (command.length > 65_536) throw new Problem('The command is too long: 65,536 characters at most.')
  if (/[\0\p{Surrogate}]/u.test(command)) throw new Problem('The command holds a character that cannot be typed.')
  if (command) target.command = command
  return target
}

function readCommandLine(text: string): Reading | undefined {
  const [, program, more = ''] = /^(?:\w+=\S*\s+)*(?:\S*[/\\])?(\w[\w-]*)(?:\.exe)?(?:\s+(.*))?$/is.exec(text) ?? []
  switch (program?.toLowerCase()) {
    case 'ssh':
    case 'sftp': {
      const scheme = program?.toLowerCase() === 'ssh' ? 'ssh' : 'sftp'
      const found = readArguments(scheme, shellWords(more))
      return { ok: true, target: fromArguments(scheme, found), notes: found.notes }
    }
    case 'scp':
    case 'rsync':
      if (more) throw new Problem(`${program} copies files: open the files of the host with sftp and copy there.`)
      return undefined
    case 'mosh':
    case 'telnet':
      if (more) throw new Problem(`${program} is not SSH: write ssh and the host.`)
      return undefined
  }
  // `me@host -p 2222`, as one writes who forgot the ssh.
  if (!/^[^\s'"]+\s+[-–—−]\w/.test(text)) return undefined
  const found = readArguments('ssh', shellWords(text))
  return { ok: true, target: fromArguments('ssh', found), notes: found.notes }
}

function read(text: string): Reading {
  if (text.length > 70_000) throw new Problem('That is too long for a host.')
  const line = withoutPrompt(text.replace(/\\\r?\n\s*/g, ' ').trim())
  if (line === '') throw new Problem('Name a host, as in me@host.')
  if (/[\r\n\u2028\u2029]/.test(line)) throw new Problem('These are several lines: one command or one host fits here.')
  const [, scheme] = /^([a-z][\w+.-]*):\/\//i.exec(line) ?? []
  if (scheme) {
    if (/^(web\+)?s(sh|ftp)$/i.test(scheme)) return { ok: true, target: readUrl(line), notes: [] }
    const what = Object.hasOwn(otherSchemes, scheme.toLowerCase()) && otherSchemes[scheme.toLowerCase()]
    throw new Problem(`${scheme}:// ${what || 'is not known here'}. An SSH host is written me@host or ssh://me@host.`)
  }
  const command = readCommandLine(line)
  if (command) return command
  if (/^[a-z]:\\/i.test(line)) throw new Problem(`${quoted(line)} is a path of Windows, not a host.`)
  const [, , inner] = /^(["'])(.*)\1$/s.exec(line) ?? []
  const { path, ...named } = readDestination(inner ?? line)
  const target: Target = { scheme: path === undefined ? 'ssh' : 'sftp', ...named, jump: [] }
  if (path !== undefined) target.path = path
  return { ok: true, target, notes: [] }
}

/**
 * Understands what a person types or pastes as a destination: `host`, `me@host:22`, `[::1]:22`, command lines of ssh and
 * sftp with their prompt, `ssh://` and `sftp://`; `me@host:/path`, as scp has it, means the files there. Never throws.
 */
export function readTarget(text: string): Reading {
  try {
    return read(text)
  } catch (error) {
    if (error instanceof Problem) return { ok: false, problem: error.message }
    throw error
  }
}

function placeText({ host, port, username }: Place): string {
  const user = username === undefined ? '' : `${username}@`
  return user + (port === undefined ? host : `${isAddress6(host) ? `[${host}]` : host}:${port}`)
}

function commandLine(target: Target, userOption: boolean): string {
  const { scheme, host, port, username, jump, path, command } = target
  const words: string[] = [scheme]
  if (port !== undefined) words.push(scheme === 'ssh' ? '-p' : '-P', String(port))
  if (userOption && username !== undefined)
    words.push(...(scheme === 'ssh' ? ['-l', username] : ['-o', `User=${username}`]))
  if (jump.length > 0) words.push('-J', jump.map(placeText).join(','))
  const user = userOption || username === undefined ? '' : `${username}@`
  const named =
    path === undefined ? host : `${isAddress6(host) ? `[${host}]` : host}:${/^\d+$/.test(path) ? './' : ''}${path}`
  words.push(user + named)
  if (command !== undefined) words.push(command)
  return words.map(shellWord).join(' ')
}

function url({ scheme, host, port, username, path }: Target): string {
  const user = username === undefined ? '' : `${encodeURIComponent(username)}@`
  const at = isAddress6(host) ? `[${host}]` : host
  const absolute = path === undefined || path.startsWith('/') ? (path ?? '') : `/~/${path}`
  return `${scheme}://${user}${at}${port === undefined ? '' : `:${port}`}${absolute.split('/').map(encodeURIComponent).join('/')}`
}

/** Keys in one order, so that two targets can be compared as text. */
function fingerprint({ scheme, host, port, username, jump, path, command }: Target): string {
  const hops = jump.map((hop) => [hop.host, hop.port, hop.username])
  return JSON.stringify([scheme, host, port, username, hops, path, command])
}

/** The shortest text that `readTarget` reads back as an equal target, for each target that it can make. */
export function targetText(target: Target): string {
  const { jump, path, command } = target
  const bare =
    path === undefined ? placeText(target) : commandLine({ ...target, jump: [] }, false).replace(/^sftp /, '')
  const candidates = [
    ...(jump.length === 0 && command === undefined ? [bare, url(target)] : []),
    commandLine(target, false),
    commandLine(target, true),
  ].sort((a, b) => a.length - b.length)
  const wanted = fingerprint(target)
  const readsBack = (text: string) => {
    const reading = readTarget(text)
    return reading.ok && fingerprint(reading.target) === wanted
  }
  return candidates.find(readsBack) ?? commandLine(target, true)
}
