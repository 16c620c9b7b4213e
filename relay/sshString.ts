/** A string of SSH: its length and its bytes (RFC 4251 §5); text as UTF-8. */
export function sshString(value: Buffer | string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** The strings that the bytes are one after the other, as views; undefined where they are anything else. */
export function stringsOf(bytes: Buffer): Buffer[] | undefined {
  const strings: Buffer[] = []
  let at = 0
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined
    const length = bytes.readUInt32BE(at)
    at += 4
    if (at + length > bytes.length) return undefined
    strings.push(bytes.subarray(at, at + length))
    at += length
  }
  return strings
}
