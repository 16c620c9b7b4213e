import { encodeName } from './fileName.ts'

/** What no shell takes for anything but itself. */
const plain = /^[A-Za-z0-9@%+=:,./_][A-Za-z0-9@%+=:,./_-]*$/

/** Shells, and the lines that they are typed into, act on controls; surrogates stand for bytes that are no text. */
const unsafe = /[\p{Cc}\p{Cs}]/u

/**
 * A file name or path as one word for a shell (POSIX sh, and bash, zsh, ksh, fish), as it can be typed or run: every byte of it
 * arrives, none is acted on. One that begins with `-` gets `./` before it, so that no program takes it for an option.
 */
export function shellQuote(path: string): string {
  const name = path.startsWith('-') ? `./${path}` : path
  if (plain.test(name)) return name
  const characters = Array.from(name)
  let word = ''
  let quoted = ''
  const flush = () => {
    if (quoted) word += `'${quoted}'`
    quoted = ''
  }
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] as string
    // In quotes fish would take the backslash, and csh the exclamation mark, for something.
    if (character === "'" || character === '\\' || character === '!') {
      flush()
      word += `\\${character}`
    } else if (!unsafe.test(character)) quoted += character
    else {
      let end = at
      while (end < characters.length && unsafe.test(characters[end] as string)) end++
      // Line feeds at its end would be taken off what a command prints.
      if (characters[end - 1] === '\n' && end < characters.length) end++
      const run = characters.slice(at, end)
      const feeds = run.length - run.findLastIndex((one) => one !== '\n') - 1
      flush()
      if (run.length > feeds) word += `"$(printf '${octal(run.slice(0, run.length - feeds).join(''))}')"`
      quoted += '\n'.repeat(feeds)
      at = end - 1
    }
  }
  flush()
  return word || "''"
}

function octal(text: string): string {
  return Array.from(encodeName(text), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}
