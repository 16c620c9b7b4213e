/** C0, C1 and DEL, and the marks that turn the direction of text around (Unicode's bidi controls). */
const deceiving = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text from a server as one line that may be shown: without controls and bidi marks, at most `max` characters. */
export function plainLine(text: string, max: number): string {
  // Cut first, with room for what is removed: the text may be a megabyte.
  return Array.from(text.slice(0, max * 8).replace(deceiving, ''))
    .slice(0, max)
    .join('')
}

/** The same for text of several lines: line feeds and tabs stay. */
export function plainText(text: string, max: number): string {
  return text
    .slice(0, max)
    .replace(/\r\n?/g, '\n')
    .replace(deceiving, (character) => (character === '\n' || character === '\t' ? character : ''))
}
