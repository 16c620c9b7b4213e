import { expect, it } from 'vitest'
import { cleanPaste, pasteSequence, runsByItself } from '../../../pwa/terminal/cleanPaste.ts'

it.each([
  ['an end of bracketed paste', 'safe\u001b[201~; rm -rf /', 'safe; rm -rf /'],
  ['its C1 form', 'safe\u009b201~; rm -rf /', 'safe; rm -rf /'],
  ['one that appears by taking another out', '\u001b[20\u001b[201~1~x', '[201~x'],
  ['NUL and other controls', 'a\u0000b\u0003c\u007fd\u0085e', 'abcde'],
  ['bidi controls', 'a\u202eb\u2066c\u200fd', 'abcd'],
  ['tabs and line ends, as LF', 'a\tb\r\nc\rd\n', 'a\tb\nc\nd\n'],
  ['what people write', 'ünï😀 日本', 'ünï😀 日本'],
])('T-PST-01 cleans %s', (_, text, clean) => {
  expect(cleanPaste(text)).toBe(clean)
})

it('T-PST-01 no cleaned text can leave the brackets', () => {
  const parts = ['\u001b', '[', '201~', '200~', '\u009b', '\r', '\u0000', 'x', '\u202e']
  const left = []
  for (let seed = 0; seed < 20_000; seed++) {
    let text = ''
    for (let at = seed; at > 0; at = Math.floor(at / parts.length)) text += parts[at % parts.length]
    const clean = cleanPaste(text + text)
    if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(clean)) left.push(text)
  }
  expect(left).toEqual([])
})

it('T-PST-01 asks about what would run by itself', () => {
  expect(runsByItself('one line')).toBe(false)
  expect(runsByItself('one line\n')).toBe(true)
  expect(runsByItself('two\nlines')).toBe(true)
})

it('sends lines as Enter does, in brackets where the program wants them', () => {
  expect(pasteSequence('a\nb', false)).toBe('a\rb')
  expect(pasteSequence('a\nb', true)).toBe('\u001b[200~a\rb\u001b[201~')
})
