import { describe, expect, test } from 'vitest'
import { readHost, unicodeHost } from '../../shared/hostName.ts'

describe('the Unicode form of a name', () => {
  test.each([
    'bücher.example',
    '日本語.jp',
    'faß.example',
    'παράδειγμα.δοκιμή',
    'сервер.рф',
    'a.münchen.b',
    '💩.la',
    'ü'.repeat(40),
  ])('%s is stored in ASCII and shown again', (name) => {
    const stored = readHost(name)
    expect(stored).toMatch(/^[a-z\d.-]+$/)
    expect(unicodeHost(stored)).toBe(name)
  })

  test.each(['host', 'xn--', 'xn--a', 'xn--99999999', 'xn--\u{1f4a9}', 'xn--bcher-kva9999999999', '::1'])(
    '%s, which is no encoded name, is shown as it is',
    (name) => expect(unicodeHost(name)).toBe(name),
  )
})

test('letters that only look like others give another name', () => {
  expect(readHost('аpple.com')).not.toBe('apple.com')
  expect(readHost('ａｐｐｌｅ.com')).toBe('apple.com')
})
