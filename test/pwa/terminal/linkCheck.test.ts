import { expect, it } from 'vitest'
import { checkLink } from '../../../pwa/terminal/linkCheck.ts'

it.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  'vscode://x',
  'tabby://run',
  'ssh://host',
  'nonsense',
  '',
])('T-LNK-01 %j is not opened', (address) => {
  expect(checkLink(address, address)).toEqual({ open: false })
})

it.each([
  [
    'an address that is its own text',
    'https://example.com/a?b#c',
    'https://example.com/a?b#c',
    'https://example.com/a?b#c',
  ],
  ['one without scheme and last slash', 'https://example.com/', 'example.com', 'https://example.com/'],
])('T-LNK-01 %s is opened at once', (_, address, text, href) => {
  expect(checkLink(address, text)).toEqual({ open: true, href, ask: false })
})

it.each([
  ['another text', 'https://evil.example/', 'https://bank.example/', 'https://evil.example/'],
  [
    'a user name that looks like a host',
    'https://bank.example@evil.example/',
    'https://bank.example@evil.example/',
    'https://bank.example@evil.example/',
  ],
  ['letters of another script', 'https://bаnk.example/', 'https://bаnk.example/', 'https://xn--bnk-6cd.example/'],
  ['text turned around', 'https://evil.example/', 'https://\u202emoc.elgoog', 'https://evil.example/'],
])('T-LNK-01 asks about %s, with the address as it is', (_, address, text, href) => {
  expect(checkLink(address, text)).toEqual({ open: true, href, ask: true })
})
