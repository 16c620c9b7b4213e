/** Bytes that may stand between single quotes in every shell, under every locale. */
const plain = /^[\x20-\x7e]*$/

/**
 * Words of a line of POSIX shell for any bytes but NUL. What is not printable ASCII is spelt out by `printf` into a variable
 * first, so that the line itself is ASCII without line ends; the dot holds on to line ends that a substitution drops.
 */
export class ShellWords {
  #prelude = ''
  #count = 0

  /** What must stand on the line before the words. */
  get prelude(): string {
    return this.#prelude
  }

  /** A path as one word; one that is relative begins with `./`, so that nothing takes it for an option. */
  path(bytes: Buffer): string {
    return this.word(bytes[0] === 0x2f ? bytes : Buffer.concat([Buffer.from('./'), bytes]))
  }

  /** Any bytes as one word. @throws RangeError for a NUL, which no word can hold */
  word(bytes: Buffer): string {
    if (bytes.includes(0)) throw new RangeError('NUL in a word')
    const text = bytes.toString('latin1')
    if (plain.test(text)) return `'${text.replaceAll("'", "'\\''")}'`
    this.#count += 1
    const name = `w${this.#count}`
    this.#prelude += `${name}=$(printf '${Array.from(bytes, octal).join('')}.');${name}=\${${name}%.};`
    return `"$${name}"`
  }
}

/** How `printf` is told of a byte; letters and digits stand for themselves. */
function octal(byte: number): string {
  const character = String.fromCharCode(byte)
  // A digit behind an escape could be read into it, if that had fewer than its three.
  return /[A-Za-z]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`
}
