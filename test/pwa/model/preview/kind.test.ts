import { describe, expect, it } from 'vitest'
import { kindOf } from '../../../../pwa/model/preview/kind.ts'

const bytes = (text: string) => Uint8Array.from(text, (one) => one.charCodeAt(0))
const kind = (text: string, name = 'file') => kindOf(bytes(text), name)

describe('what a file is', () => {
  it('is told by its first bytes, whatever it is called', () => {
    expect(kind('\x89PNG\r\n\x1a\n....', 'notes.txt')).toEqual({ kind: 'image', type: 'image/png' })
    expect(kind('\xff\xd8\xff\xe0', 'a.html')).toEqual({ kind: 'image', type: 'image/jpeg' })
    expect(kind('RIFF\x10\0\0\0WEBPVP8 ', 'a')).toMatchObject({ type: 'image/webp' })
    expect(kind('RIFF\x10\0\0\0WAVEfmt ', 'a')).toMatchObject({ kind: 'audio' })
    expect(kind('%PDF-1.7\n', 'a.txt')).toMatchObject({ kind: 'pdf' })
    expect(kind('ID3\x04\0', 'a')).toMatchObject({ kind: 'audio', type: 'audio/mpeg' })
    expect(kind('\x1aE\xdf\xa3....', 'a.webm')).toMatchObject({ kind: 'video', type: 'video/webm' })
  })

  it('is told by its name where a container holds sound and film alike, and by nothing else', () => {
    expect(kind('OggS\0\x02', 'a.ogv')).toEqual({ kind: 'video', type: 'video/ogg' })
    expect(kind('OggS\0\x02', 'a.ogg')).toEqual({ kind: 'audio', type: 'audio/ogg' })
    expect(kind('\0\0\0\x20ftypisom', 'a.m4a')).toEqual({ kind: 'audio', type: 'audio/mp4' })
    expect(kind('\0\0\0\x20ftypisom', 'a.html')).toEqual({ kind: 'video', type: 'video/mp4' })
  })

  it('S-NAM-04 a page is text, and so is a drawing, whatever it is called', () => {
    expect(kind('<!doctype html><script>alert(1)</script>', 'index.html')).toEqual({ kind: 'text', type: 'text/plain' })
    expect(kind('<!doctype html><script>alert(1)</script>', 'a.png').kind).toBe('text')
    expect(kind('<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="…"/>', 'a')).toEqual({
      kind: 'text',
      type: 'text/plain',
      drawing: true,
    })
  })

  it('is text where nothing in it is not, in UTF-16 as well', () => {
    expect(kind('hello\n\tworld\x1b[0m').kind).toBe('text')
    expect(kind('').kind).toBe('text')
    expect(kind('h\0e\0l\0l\0o\0').kind).toBe('text')
    expect(kind('\xff\xfeh\0').kind).toBe('text')
    expect(kind('\x7fELF\x02\x01\x01\0\0\0').kind).toBe('binary')
    expect(kind(`abc\0${'x'.repeat(50)}`).kind).toBe('binary')
    expect(kind('\x01\x02\x03\x04').kind).toBe('binary')
  })
})
