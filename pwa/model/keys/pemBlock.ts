import { KeyProblem } from './keyProblem.ts'

/** One block of PEM (RFC 7468), with the headers that OpenSSL puts before an encrypted one (RFC 1421). */
export interface PemBlock {
  /** What stands after BEGIN, e.g. `RSA PRIVATE KEY`. */
  label: string
  headers: ReadonlyMap<string, string>
  bytes: Uint8Array
}

/** The first whole block whose label ends in these words; undefined where there is none. Throws `KeyProblem`. */
export function pemBlock(text: string, words: string): PemBlock | undefined {
  for (const { 0: begin, 1: label = '', index } of text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,60})-----/g)) {
    const from = index + begin.length
    const to = label.endsWith(words) ? text.indexOf(`-----END ${label}-----`, from) : -1
    if (to < 0) continue
    const lines = text
      .slice(from, to)
      .split(/\r\n|\r|\n/)
      .map((line) => line.trim())
    const headers = lines.flatMap((line) => {
      const [, name, value] = /^([A-Za-z0-9-]+):\s*(.*)$/.exec(line) ?? []
      return name !== undefined && value !== undefined ? [[name, value] as const] : []
    })
    const base64 = lines.filter((line) => !line.includes(':')).join('')
    return { label, headers: new Map(headers), bytes: bytesOf(base64) }
  }
  return undefined
}

/** Base64 with its padding. Throws `KeyProblem('key-unreadable')`. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch (error) {
    throw new KeyProblem('key-unreadable', error)
  }
}
