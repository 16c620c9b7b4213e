import { fromBase64, toBase64, WireReader } from '../sshWire.ts'

/** Characters of a comment that are kept: it is one line, and ends up in files and commands of others. */
const COMMENT = 200

/** A line of `authorized_keys` or of a `.pub` file. */
export interface KeyLine {
  /** As in RFC 4253 §6.6. */
  type: string
  /** base64 of the blob. */
  blob: string
  comment: string
}

/** A comment as it may stand in a key's line: one line of printable text. */
export function plainComment(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .trim()
    .slice(0, COMMENT)
}

/** Reads `type base64 comment`; undefined where it is not one, or where the type is not that of the blob. */
export function readKeyLine(text: string): KeyLine | undefined {
  const [, type = '', blob = '', comment = ''] =
    /^\s*([a-z0-9@.-]{1,64})[ \t]+([A-Za-z0-9+/]{16,65536}={0,2})(?:[ \t]+([^\r\n]*))?\s*$/.exec(text) ?? []
  if (!blob) return undefined
  try {
    const bytes = fromBase64(blob)
    if (new TextDecoder().decode(new WireReader(bytes).string()) !== type) return undefined
    return { type, blob: toBase64(bytes), comment: plainComment(comment) }
  } catch {
    return undefined
  }
}

/** The line of a public key for `authorized_keys`, without a newline. */
export function keyLine({ type, blob, comment }: KeyLine): string {
  return [type, blob, plainComment(comment)].filter(Boolean).join(' ')
}
