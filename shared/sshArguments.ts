import { Problem, quoted } from './words.ts'

/** What the options of an OpenSSH command line say, as far as it matters here; the first of two wins, as in ssh. */
export interface SshArguments {
  port?: string
  username?: string
  /** As `-J` has it: hops with commas between, or `none`. */
  jump?: string
  /** From `-o HostName=`: what the name on the command line stands for. */
  hostName?: string
  /** What the person should know about options that were left out. */
  notes: string[]
  /** Destination, and what follows it. */
  rest: string[]
}

type Meaning = 'port' | 'username' | 'jump' | 'option' | 'key' | 'config' | 'ignored'

/** Options of a program: flags without and letters with an argument (ssh(1), sftp(1)), and those that ask for something else. */
interface Program {
  flags: string
  valued: Record<string, Meaning>
  refused: Record<string, string>
}

const forwards = 'forwards ports, which Fairlead does not do yet'
const valued = { i: 'key', F: 'config', J: 'jump', o: 'option', c: 'ignored', S: 'ignored', B: 'ignored' } as const

/** The programs whose command lines are understood. */
const programs: Record<'ssh' | 'sftp', Program> = {
  ssh: {
    flags: '246aACfgkKMnqtTvxXyY',
    valued: {
      ...valued,
      p: 'port',
      l: 'username',
      b: 'ignored',
      e: 'ignored',
      E: 'ignored',
      I: 'ignored',
      m: 'ignored',
      P: 'ignored',
    },
    refused: {
      1: 'asks for version 1 of SSH, which is not safe',
      D: forwards,
      L: forwards,
      R: forwards,
      w: 'opens a tunnel device, which Fairlead does not do',
      W: 'joins two streams instead of opening a shell',
      N: 'opens no shell',
      G: 'prints a configuration instead of connecting',
      O: 'talks to another ssh instead of connecting',
      Q: 'prints a list instead of connecting',
      V: 'prints a version instead of connecting',
      s: 'asks for a subsystem; for files write sftp',
    },
  },
  sftp: {
    flags: '246aACfNpqrv',
    valued: { ...valued, P: 'port', l: 'ignored', R: 'ignored', X: 'ignored' },
    refused: {
      1: 'asks for version 1 of SSH, which is not safe',
      b: 'reads commands from a file, which Fairlead does not do',
      D: 'starts a local server, which Fairlead does not do',
      s: 'asks for another server program, which Fairlead does not do',
    },
  },
}

const refusedKeywords: Record<string, string> = {
  dynamicforward: forwards,
  localforward: forwards,
  remoteforward: forwards,
  proxycommand: 'runs a program on this machine; name the hosts between with -J',
  proxyusefdpass: 'runs a program on this machine; name the hosts between with -J',
  remotecommand: 'runs a command; write it after the host',
  tunnel: 'opens a tunnel device, which Fairlead does not do',
}

function readKeyword(text: string, found: SshArguments): void {
  const [, name = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*)$/s.exec(text) ?? []
  if (!name) throw new Problem(`-o wants a keyword and a value, as in -o Port=22; ${quoted(text)} is not that.`)
  const refused = refusedKeywords[name.toLowerCase()]
  if (refused && value.toLowerCase() !== 'none' && value.toLowerCase() !== 'no') {
    throw new Problem(`-o ${name} ${refused}.`)
  }
  switch (name.toLowerCase()) {
    case 'port':
      found.port ??= value
      break
    case 'user':
      found.username ??= value
      break
    case 'proxyjump':
      found.jump ??= value
      break
    case 'hostname':
      found.hostName ??= value
      break
    case 'identityfile':
      noteKey(value, found)
      break
  }
}

function noteKey(file: string, found: SshArguments): void {
  found.notes.push(`Choose the key ${quoted(file)} when you are asked for it: a page cannot read files by name.`)
}

function take(meaning: Meaning, value: string, found: SshArguments): void {
  switch (meaning) {
    case 'port':
      found.port ??= value
      break
    case 'username':
      found.username ??= value
      break
    case 'jump':
      found.jump ??= value
      break
    case 'option':
      readKeyword(value, found)
      break
    case 'key':
      noteKey(value, found)
      break
    case 'config':
      found.notes.push(`What ${quoted(value)} says is not known here.`)
      break
    case 'ignored':
      break
  }
}

/**
 * Reads the words after `ssh` or `sftp`. Options may stand on both sides of the destination; the first word after it that
 * is no option begins the command. Throws `Problem` for what is unknown or would mean something else.
 */
export function readArguments(name: 'ssh' | 'sftp', words: readonly string[]): SshArguments {
  const program = programs[name]
  const found: SshArguments = { notes: [], rest: [] }
  let at = 0
  for (; at < words.length; at++) {
    // Documents often turn the hyphen of an option into a dash.
    const word = (words[at] ?? '').replace(/^[–—−]/, '-')
    if (word === '--') {
      found.rest.push(...words.slice(at + 1))
      return found
    }
    if (!/^-./.test(word)) {
      if (found.rest.length > 0) break
      found.rest.push(word)
      continue
    }
    for (let letter = 1; letter < word.length; letter++) {
      const option = word.charAt(letter)
      const refused = Object.hasOwn(program.refused, option) && program.refused[option]
      if (refused) throw new Problem(`-${option} ${refused}.`)
      const meaning = Object.hasOwn(program.valued, option) ? program.valued[option] : undefined
      if (meaning) {
        const value = word.slice(letter + 1) || words[++at]
        if (value === undefined) throw new Problem(`-${option} wants a value after it.`)
        take(meaning, value, found)
        break
      }
      if (!program.flags.includes(option)) throw new Problem(`${name} has no option -${option}.`)
      if (name === 'sftp' && option === 'p' && /^\d+$/.test(words[at + 1] ?? '')) {
        throw new Problem('The port of sftp is -P, with a capital letter; -p keeps times.')
      }
    }
  }
  found.rest.push(...words.slice(at))
  return found
}
