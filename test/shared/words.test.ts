import { expect, test } from 'vitest'
import { Problem, quoted, shellWord, shellWords } from '../../shared/words.ts'

test.each<[string, string[]]>([
  ['', []],
  ['  a  b ', ['a', 'b']],
  [`a'b c'"d e"`, ['ab cd e']],
  [`'' ""`, ['', '']],
  ['a\\ b CORP\\me', ['a b', 'CORP\\me']],
  [`'a\\b' "a\\"b"`, ['a\\b', 'a"b']],
])('%j is split into words', (text, words) => expect(shellWords(text)).toEqual(words))

test.each(['a | b', 'a; b', 'a && b', 'a > b', '`a`', '$(a)'])('%s is more than one command', (text) => {
  expect(() => shellWords(text)).toThrow(Problem)
})

test.each(['plain', 'a b', "it's", '"', '\\', "\\'", '', '$x', 'a;b', 'ü', '-p', "''", '\n'])(
  '%j is quoted so that it is read back',
  (word) => {
    expect(shellWords(shellWord(word))).toEqual([word])
  },
)

test('what is shown of an input is one line of at most 60 characters', () => {
  expect(quoted('a\u001b\nb\u202e')).toBe('“a b”')
  expect([...quoted('💥'.repeat(100))]).toHaveLength(62)
})
