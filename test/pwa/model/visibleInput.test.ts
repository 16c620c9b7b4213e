import { expect, test } from 'vitest'
import { visibleInput } from '../../../pwa/model/visibleInput.ts'

const see = (text: string, count = [...text].length) => visibleInput(new TextEncoder().encode(text), count)

test.each([
  ['ls -l\r', 'ls -l⏎'],
  ['a\rb\n', 'a⏎\nb⏎'],
  ['\u0003\u0004\u001b[A', '^C^D^[[A'],
  ['ab\u007f\t', 'ab⌫⇥'],
  ['für 日本 🙂', 'für 日本 🙂'],
  ['a\u202eb\u0085', 'a\\u{202e}b\\u{85}'],
])('%j is shown as %j', (typed, shown) => {
  expect(see(typed)).toEqual({ text: shown, hidden: 0 })
})

test('of much only the beginning is shown, and the rest is counted', () => {
  const { text, hidden } = see('x'.repeat(4096), 1_000_000)
  expect(text).toBe('x'.repeat(400))
  expect(hidden).toBe(999_600)
  const lines = see('y\r'.repeat(50))
  expect(lines.text).toBe(Array.from({ length: 6 }, () => 'y⏎').join('\n'))
  expect(lines.hidden).toBe(88)
})
