import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { decodeName, encodeName } from '../../shared/fileName.ts'
import { shellQuote } from '../../shared/shellQuote.ts'

/** What a shell makes of a line: the bytes of each word. */
function wordsOf(shell: string, line: string): string[] {
  const printed = execFileSync(shell, ['-c', `printf '%s\\0' ${line}`], { encoding: 'buffer' })
  return decodeName(printed).split('\0').slice(0, -1)
}

const every = decodeName(Uint8Array.from({ length: 255 }, (_, at) => at + 1).filter((byte) => byte !== 0x2f))

const names = [
  'plain.txt',
  'two words',
  "it's",
  '"both" \'kinds\'',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a shell would fill in
  '$(touch /tmp/x) `id` ${HOME} $HOME',
  'a\\b\\\\c\\',
  '!! !x',
  '~',
  '#hash',
  '*?[a-z]{a,b}',
  'a;b|c&d<e>f(g)h',
  'a\nb',
  '\n',
  'ends in two\n\n',
  '\n\nbegins',
  'a\r\u001b[31mred\u0003\u0004\t\u007f',
  '\u202egpj.exe',
  'caf\udce9',
  '\udcff\udcfe',
  '日本語 🙂',
  every,
]

describe('a quoted name', () => {
  for (const shell of ['/bin/sh', '/bin/bash']) {
    it(`is one word of ${shell}, byte for byte`, () => {
      expect(wordsOf(shell, names.map(shellQuote).join(' '))).toEqual(names)
      for (const name of names) expect(wordsOf(shell, shellQuote(name))).toEqual([name])
    })
  }

  it('is taken for no option, and still names the same file', () => {
    expect(wordsOf('/bin/sh', shellQuote('-rf'))).toEqual(['./-rf'])
    expect(shellQuote('-n\n')).not.toMatch(/^-/)
  })

  it('holds no control and no bytes that are not text, save line feeds at its end', () => {
    for (const name of names) {
      const word = shellQuote(name)
      expect(word.replace(/\n+'$/, "'")).not.toMatch(/[\p{Cc}\p{Cs}]/u)
      expect(decodeName(encodeName(word))).toBe(word)
    }
  })

  it('stays as it is where nothing is to be quoted, and is never nothing', () => {
    expect(shellQuote('/srv/site/README.md')).toBe('/srv/site/README.md')
    expect(shellQuote('')).toBe("''")
  })
})
