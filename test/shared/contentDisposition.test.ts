import { expect, test } from 'vitest'
import { contentDisposition } from '../../shared/contentDisposition.ts'

test.each([
  ['a.txt', `attachment; filename="a.txt"; filename*=UTF-8''a.txt`],
  ['Grüße.txt', `attachment; filename="Gr__e.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt`],
  ['a"b;c=d', `attachment; filename="a_b;c=d"; filename*=UTF-8''a%22b%3Bc%3Dd`],
  ["a'b(c)*%41", `attachment; filename="a'b(c)*_41"; filename*=UTF-8''a%27b%28c%29%2A%2541`],
  ['../../etc/passwd', `attachment; filename="passwd"; filename*=UTF-8''passwd`],
  ['C:\\x\\evil.exe', `attachment; filename="evil.exe"; filename*=UTF-8''evil.exe`],
  ['a\r\nSet-Cookie: x=1', `attachment; filename="a__Set-Cookie: x=1"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1`],
  ['\u202egpj.\udcffexe', `attachment; filename="_gpj._exe"; filename*=UTF-8''%E2%80%AEgpj.%EF%BF%BDexe`],
  ['dir/', `attachment; filename="download"; filename*=UTF-8''download`],
])('S-NAM-02 the name of a download stays a name: %j', (name, header) => {
  expect(contentDisposition(name)).toBe(header)
  // Headers takes no line ends and nothing beyond bytes.
  expect(new Headers({ 'Content-Disposition': header }).get('content-disposition')).toBe(header)
})
