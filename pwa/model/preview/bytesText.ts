/** Bytes of a file that are shown as numbers. */
export const mostShown = 64 * 1024

/** Bytes as `hexdump -C` shows them: offset, sixteen numbers, the same as characters. */
export function bytesText(data: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < data.length; at += 16) {
    const row = Array.from(data.subarray(at, at + 16))
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0'))
    const numbers = `${hex.slice(0, 8).join(' ')}  ${hex.slice(8).join(' ')}`
    const characters = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${numbers.padEnd(48)}  ${characters}`)
  }
  return lines.join('\n')
}
