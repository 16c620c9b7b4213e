import mime from 'mime/lite'
import { utf16Of } from './encoding.ts'

/** How a file can be looked at. */
type Kind = 'text' | 'image' | 'audio' | 'video' | 'pdf' | 'binary'

/** What a file is by its content; `type` is one of a few media types that no browser takes for a page. */
export interface FileKind {
  kind: Kind
  type: string
  /** Text that can be shown as a picture as well. */
  drawing?: true
}

const text: FileKind = { kind: 'text', type: 'text/plain' }
const binary: FileKind = { kind: 'binary', type: 'application/octet-stream' }

/** Bytes at an offset, as Latin-1; `?` is any byte. */
const signatures: readonly [at: number, bytes: string, kind: Kind, type: string][] = [
  [0, '\x89PNG\r\n\x1a\n', 'image', 'image/png'],
  [0, '\xff\xd8\xff', 'image', 'image/jpeg'],
  [0, 'GIF87a', 'image', 'image/gif'],
  [0, 'GIF89a', 'image', 'image/gif'],
  [0, 'RIFF????WEBP', 'image', 'image/webp'],
  [0, 'BM????\0\0\0\0', 'image', 'image/bmp'],
  [0, '\0\0\x01\0', 'image', 'image/x-icon'],
  [4, 'ftypavif', 'image', 'image/avif'],
  [4, 'ftypavis', 'image', 'image/avif'],
  [4, 'ftypM4A', 'audio', 'audio/mp4'],
  [4, 'ftyphei', 'binary', binary.type],
  [4, 'ftypmif1', 'binary', binary.type],
  [4, 'ftyp', 'video', 'video/mp4'],
  [0, '\x1aE\xdf\xa3', 'video', 'video/webm'],
  [0, 'OggS', 'audio', 'audio/ogg'],
  [0, 'fLaC', 'audio', 'audio/flac'],
  [0, 'RIFF????WAVE', 'audio', 'audio/wav'],
  [0, 'ID3', 'audio', 'audio/mpeg'],
  [0, '%PDF-', 'pdf', 'application/pdf'],
]

/** Types of containers that hold sound or pictures alike: there the name decides. */
const byName = new Set(['audio/ogg', 'video/ogg', 'audio/mp4', 'video/mp4', 'audio/webm', 'video/webm'])

/**
 * What a file is: by its first bytes, and by its name only where they leave it open.
 * @param head its first bytes, 64 KiB or the whole of a smaller file
 */
export function kindOf(head: Uint8Array, name: string): FileKind {
  const found = signatures.find(([at, bytes]) => starts(head, at, bytes))
  if (found) return decided(found, name)
  if (isMpegFrame(head))
    return { kind: 'audio', type: head[1] === 0xf1 || head[1] === 0xf9 ? 'audio/aac' : 'audio/mpeg' }
  if (!isText(head)) return binary
  return isSvg(head, name) ? { ...text, drawing: true } : text
}

function decided([, , kind, type]: (typeof signatures)[number], name: string): FileKind {
  const named = mime.getType(name)
  if (!byName.has(type) || named === null || !byName.has(named) || named.split('/')[1] !== type.split('/')[1]) {
    return { kind, type }
  }
  return { kind: named.startsWith('audio/') ? 'audio' : 'video', type: named }
}

function starts(head: Uint8Array, at: number, bytes: string): boolean {
  if (head.length < at + bytes.length) return false
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== '?' && head[at + index] !== bytes.charCodeAt(index)) return false
  }
  return true
}

/** The sync word of MPEG audio without a tag (ISO/IEC 11172-3 §2.4.1.3), or of ADTS. */
function isMpegFrame(head: Uint8Array): boolean {
  return head[0] === 0xff && [0xfb, 0xf3, 0xf2, 0xf1, 0xf9].includes(head[1] ?? 0) && head.length > 4
}

/** Control characters that stand in texts: BEL, BS, TAB, LF, VT, FF, CR, ESC. */
const usual = new Set([7, 8, 9, 10, 11, 12, 13, 27])

function isText(head: Uint8Array): boolean {
  if (utf16Of(head)) return true
  let odd = 0
  for (const byte of head) {
    if (byte === 0) return false
    if (byte < 32 && !usual.has(byte)) odd++
  }
  return odd <= head.length / 100
}

function isSvg(head: Uint8Array, name: string): boolean {
  const start = new TextDecoder().decode(head.subarray(0, 4096))
  return (
    /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i.test(start) ||
    /\.svg$/i.test(name)
  )
}
