/** Letters of alphabets that fill one column in every terminal, and the characters of ASCII. */
const narrow = /^(?:[ -~]|(?=\p{L})[\u00c0-\u024f\u0370-\u03ff\u0400-\u052f])$/u
/** Kana, Chinese characters and Hangul syllables. */
const wide = /^[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]$/u

/**
 * Columns that a typed character fills, whichever version of Unicode the terminal goes by; undefined where that is not sure,
 * as for marks, emoji and what they are composed of.
 */
export function typedWidth(character: string): 1 | 2 | undefined {
  if (narrow.test(character)) return 1
  return wide.test(character) ? 2 : undefined
}
