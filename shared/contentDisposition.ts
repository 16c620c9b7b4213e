import { encodeName } from './fileName.ts'

/** What RFC 8187 §3.2.1 lets stand as it is (attr-char). */
const plain = /[A-Za-z0-9!#$&+.^_`|~-]/

/**
 * The header that makes an answer a download under a name: RFC 6266, with the name in ASCII for old readers and whole as of
 * RFC 8187. Only the name's last component counts, and quotes, controls and the rest cannot leave their place.
 */
export function contentDisposition(name: string): string {
  const base = name.slice(name.search(/[^/\\]*$/)) || 'download'
  const ascii = base.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_')
  const whole = [...encodeName(base.replace(/\p{Surrogate}/gu, '\ufffd'))]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
  return `attachment; filename="${ascii}"; filename*=UTF-8''${whole}`
}
