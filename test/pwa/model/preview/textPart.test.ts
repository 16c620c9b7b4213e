import { appendFile, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { signal } from '@preact/signals'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { TextEditor } from '../../../../pwa/model/preview/textEditor.ts'
import { TextPart, wholeCharacters } from '../../../../pwa/model/preview/textPart.ts'
import { until } from '../../../harness/browser.ts'
import { type OpenFiles, openFiles } from '../../../harness/openFiles.ts'

const MiB = 1024 * 1024

let host: OpenFiles
let part: TextPart

beforeAll(async () => {
  host = await openFiles()
})
afterEach(() => part.close())
afterAll(() => host.close())

const line = (number: number) => `${String(number).padStart(7, '0')} ß the quick brown fox\n`
const lineBytes = Buffer.byteLength(line(0))

/** An editor that is a string. */
function plainEditor(): TextEditor & { text: { value: string } } {
  const text = signal('')
  return {
    text,
    snapshot: () => ({ text: text.peek(), state: undefined }),
    mark: () => undefined,
    show: (shown) => {
      text.value = shown
    },
    extend: (at, added, drop) => {
      const old = text.peek()
      text.value = at === 'end' ? old.slice(drop) + added : added + old.slice(0, old.length - drop)
    },
    scrollTo: () => undefined,
    find: () => undefined,
    goToLine: () => undefined,
    focus: () => undefined,
  }
}

async function open(name: string, contents: string) {
  const path = join(host.folder, name)
  await writeFile(path, contents)
  const data = Buffer.from(contents)
  part = new TextPart(host.tab.sftp, path, data.length, new Uint8Array(data.subarray(0, 65_536)), 50)
  const editor = plainEditor()
  part.attach(editor)
  return { path, text: editor.text, size: data.length }
}

describe('a text too large to be read at once', () => {
  it('is read from its beginning, on demand further, and from its end', async () => {
    const lines = Math.ceil((20 * MiB) / lineBytes)
    const whole = Array.from({ length: lines }, (_, number) => line(number)).join('')
    const { text, size } = await open('big.log', whole)
    await part.showStart()
    expect(part.range.value.from).toBe(0)
    expect(whole.startsWith(text.value)).toBe(true)
    expect(part.range.value.to).toBeGreaterThan(MiB - 4)
    const first = text.value.length
    await part.more()
    expect(text.value.length).toBeGreaterThan(1.9 * first)
    expect(whole.startsWith(text.value)).toBe(true)
    await part.showEnd()
    expect(part.range.value.to).toBe(size)
    // It begins with a whole line.
    expect(text.value).toMatch(/^\d{7} ß/)
    expect(whole.endsWith(text.value)).toBe(true)
    await part.earlier()
    expect(whole.endsWith(text.value)).toBe(true)
    while (part.range.value.from > 0) await part.earlier()
    // No more than 16 MiB are held: the end has been let go.
    expect(text.value.length).toBeLessThanOrEqual(16 * MiB)
    expect(part.range.value.to).toBeLessThan(size)
    expect(whole.startsWith(text.value)).toBe(true)
  })

  it('is cut between characters and line ends only', () => {
    const utf8 = new TextEncoder().encode('aß🙂')
    expect(wholeCharacters(utf8, 'utf-8', false)).toBe(7)
    for (const cut of [6, 5, 4]) expect(wholeCharacters(utf8.subarray(0, cut), 'utf-8', false)).toBe(3)
    expect(wholeCharacters(utf8.subarray(0, 2), 'utf-8', false)).toBe(1)
    expect(wholeCharacters(new TextEncoder().encode('ab\r'), 'utf-8', false)).toBe(2)
    expect(wholeCharacters(new TextEncoder().encode('ab\r'), 'utf-8', true)).toBe(3)
    expect(wholeCharacters(Uint8Array.of(97, 0, 0x3d, 0xd8), 'utf-16le', false)).toBe(2)
    expect(wholeCharacters(Uint8Array.of(97, 0, 98), 'utf-16le', true)).toBe(2)
  })
})

describe('the end of a log that is followed', () => {
  const shows = (text: { value: string }, wanted: string) => until(() => text.value.endsWith(wanted))

  it('shows what is added to it', async () => {
    const { path, text } = await open('growing.log', 'one\n')
    await part.follow()
    expect(text.value).toBe('one\n')
    await appendFile(path, 'two\n')
    await shows(text, 'one\ntwo\n')
    // Half a character waits for its other half.
    await appendFile(path, Uint8Array.of(0x74, 0xc3))
    await shows(text, 'two\nt')
    await appendFile(path, Uint8Array.of(0x9f))
    await shows(text, 'tß')
  })

  it('goes on in the new file when a log is turned, and says so', async () => {
    const { path, text } = await open('turned.log', 'old\n')
    await part.follow()
    await appendFile(path, 'last of the old\n')
    await rename(path, `${path}.1`)
    await writeFile(path, 'n\n')
    await shows(text, 'n\n')
    expect(text.value).toBe('old\nlast of the old\nn\n')
    expect(part.turn.value?.kind).toBe('replaced')
    await appendFile(path, 'and on\n')
    await shows(text, 'n\nand on\n')
  })

  it('begins anew when a log is emptied, and says so', async () => {
    const { path, text } = await open('cut.log', 'a rather long line\n')
    await part.follow()
    await truncate(path)
    await appendFile(path, 'anew\n')
    await shows(text, 'line\nanew\n')
    expect(part.turn.value?.kind).toBe('cut')
  })

  it('is not taken for another file when it is emptied between two looks at it', async () => {
    const { path, text } = await open('cut-between.log', 'a rather long line\n')
    await part.follow()
    const { sftp } = host.tab
    const ask = sftp.ask.bind(sftp)
    const asked = vi.spyOn(sftp, 'ask').mockImplementation((async (...question: Parameters<typeof ask>) => {
      const answer = await ask(...question)
      if (question[0] === 'sftp-fstat') {
        asked.mockRestore()
        await writeFile(path, 'anew\n')
      }
      return answer
    }) as typeof ask)
    await shows(text, 'line\nanew\n')
    expect(part.turn.value?.kind).toBe('cut')
  })

  it('adds nothing while the person looks further up, and then all of it', async () => {
    const { path, text } = await open('paused.log', 'one\n')
    await part.follow()
    part.inSight(false)
    await appendFile(path, 'two\n')
    expect(part.following.value).toBe('paused')
    part.inSight(true)
    await shows(text, 'one\ntwo\n')
    part.unfollow()
    expect(part.following.value).toBe('off')
  })

  it('holds a bounded part of it, and leaves out what came at once and is more', async () => {
    const { path, text } = await open('flood.log', 'start\n')
    await part.follow()
    await appendFile(path, `${'x'.repeat(9 * MiB)}\nlast\n`)
    await shows(text, 'last\n')
    expect(text.value.length).toBeLessThanOrEqual(5 * MiB)
    expect(part.turn.value?.kind).toBe('skipped')
  })
})
