/** What is wrong with a text, as a whole sentence for the person who typed it; thrown while reading, caught by `readTarget`. */
export class Problem extends Error {
  override readonly name = 'Problem'
}

/** What a person typed, fit to be shown in a sentence: one line, at most 60 characters, in quotation marks. */
export function quoted(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Surrogate}\u2028\u2029]+/gu, ' ').trim()
  const characters = [...line]
  return `“${characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : line}”`
}

/** Characters that a backslash makes ordinary; before any other it stands for itself, as in `CORP\me`. */
const escapable = /[\s\\'"$`|;&<>()#]/

/**
 * Splits a command line into words as a POSIX shell does (quotes, backslash), without expanding anything.
 * Throws `Problem` for an open quotation and for operators, since only one command fits an input.
 */
export function shellWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    const following = text.charAt(at + 1)
    if (character === '\\' && quote !== "'" && escapable.test(following)) {
      word = (word ?? '') + following
      at++
    } else if (quote) {
      if (character === quote) quote = ''
      else word += character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (/[|;&<>`()]/.test(character)) {
      throw new Problem(
        `Only the ssh command itself fits here: leave out ${quoted(text.slice(at))}, or put it in quotes.`,
      )
    } else word = (word ?? '') + character
  }
  if (quote) throw new Problem(`The quotation that begins with ${quote} has no end.`)
  if (word !== undefined) words.push(word)
  return words
}

/** A word as `shellWords` reads it back, quoted only where it must be. */
export function shellWord(word: string): string {
  if (/^[\p{L}\p{N}\p{M}@%+=:,./_[\]~-]+$/u.test(word)) return word
  return `'${word.replaceAll("'", `'"'"'`)}'`
}
