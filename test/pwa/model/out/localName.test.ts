import { expect, test } from 'vitest'
import { localName, numbered, partName } from '../../../../pwa/model/out/localName.ts'

test.each([
  ['report.pdf', 'report.pdf'],
  ['Grüße 日本 👩‍👩‍👧.txt', 'Grüße 日本 👩‍👩‍👧.txt'],
  ['.bashrc', '.bashrc'],
  ['-rf', '-rf'],
  ['archive.tar.gz', 'archive.tar.gz'],
])('what is safe stays: %j', (name, local) => {
  expect(localName(name)).toBe(local)
})

test.each([
  ['..', '_'],
  ['.', '_'],
  ['', '_'],
  ['../../x', '_.._x'],
  ['/etc/passwd', '_etc_passwd'],
  ['a\\b', 'a_b'],
  ['a\nb', 'a b'],
  ['a\0b', 'a_b'],
  ['a\u001b[31mb', 'a_[31mb'],
  ['CON', 'CON_'],
  ['con.txt', 'con_.txt'],
  ['LPT1', 'LPT1_'],
  ['a:b', 'a_b'],
  ['a?*b', 'a_b'],
  ['\u202egpj.exe', '_gpj.exe'],
  ['dots...', 'dots'],
  ['space ', 'space'],
  ['\udcff\udc80.txt', '__.txt'],
  ['\ud83d', '_'],
])('S-NAM-01 what could mislead is replaced: %j', (name, local) => {
  expect(localName(name)).toBe(local)
})

test('S-NAM-01 no name leads anywhere, whatever it is made of', () => {
  const parts = ['..', '/', '\\', '\0', '.', ' ', 'a', 'CON', ':', '\u202e', '\udc80', '~', '%2f', '\n', 'é', '🙂']
  for (const a of parts) {
    for (const b of parts) {
      for (const c of parts) {
        const local = localName(a + b + c)
        expect(local).toMatch(/^[^/\\\p{Control}\p{Surrogate}<>:"|?*\u202a-\u202e]+$/u)
        expect(['.', '..']).not.toContain(local)
        expect(local).not.toMatch(/[. ]$/)
      }
    }
  }
})

const bytes = (text: string) => Buffer.byteLength(text)

test('a name has at most 255 bytes, keeps its ending, and is cut between letters', () => {
  expect(localName(`${'x'.repeat(255)}`)).toBe('x'.repeat(255))
  const long = localName(`${'日'.repeat(200)}.json`)
  expect(long).toBe(`${'日'.repeat(83)}.json`)
  expect(bytes(localName(`${'👩‍👩‍👧'.repeat(30)}.txt`))).toBe(13 * 18 + 4)
  expect(localName(`a.${'b'.repeat(300)}`)).toBe(`a.${'b'.repeat(253)}`)
})

test('a number stands before the ending and finds room', () => {
  expect(numbered('report.pdf', 2)).toBe('report (2).pdf')
  expect(numbered('.bashrc', 2)).toBe('.bashrc (2)')
  expect(numbered('Makefile', 10)).toBe('Makefile (10)')
  const long = numbered(`${'x'.repeat(251)}.txt`, 12)
  expect(long).toBe(`${'x'.repeat(246)} (12).txt`)
})

test('the name of a part fits where the name does', () => {
  expect(partName('a.txt')).toBe('.a.txt.part')
  expect(bytes(partName('x'.repeat(255)))).toBe(255)
})
