import { execFileSync } from 'node:child_process'
import { chmod, chown, lstat, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Drafts } from '../../../../pwa/model/preview/drafts.ts'
import { TextFile } from '../../../../pwa/model/preview/textFile.ts'
import { type OpenFiles, openFiles } from '../../../harness/openFiles.ts'

let host: OpenFiles
let uid: number

beforeAll(async () => {
  host = await openFiles()
  uid = Number(execFileSync('id', ['-u', host.sshd.username]))
})
afterAll(() => host.close())

const errors: unknown[] = []

async function make(name: string, text: string | Uint8Array, mode = 0o644): Promise<string> {
  const path = join(host.folder, name)
  await writeFile(path, text)
  await chown(path, uid, uid)
  await chmod(path, mode)
  return path
}

async function open(path: string): Promise<TextFile> {
  const files = host.tab.sftp
  const { attributes } = await files.ask('sftp-stat', { path })
  const data = new Uint8Array(await readFile(path))
  const drafts = new Drafts(host.browser.app.store.drafts)
  return TextFile.open({ files, drafts, id: path, path, data, attributes, report: (error) => errors.push(error) })
}

/** Types a text into a file, as an editor does. */
function type(file: TextFile, text: string): void {
  let base: unknown = file.base
  file.attach({
    snapshot: () => ({ text, state: text }),
    mark: (state) => {
      base = state
      file.edited(text !== base)
    },
    show(shown, changed) {
      text = shown
      if (!changed) base = shown
    },
    extend: () => undefined,
    scrollTo: () => undefined,
    find: () => undefined,
    goToLine: () => undefined,
    focus: () => undefined,
  })
  file.edited(text !== base)
}

const leftovers = async () => (await readdir(host.folder)).filter((name) => name.endsWith('.part'))

describe('a text that is saved', () => {
  it('S-XFR-05 keeps its mode, its line ends and its encoding, and leaves nothing beside it', async () => {
    const path = await make('latin.txt', Uint8Array.of(0x66, 0xfc, 0x0d, 0x0a), 0o640)
    const file = await open(path)
    expect(file.format.value).toEqual({ encoding: 'windows-1252', lineEnd: 'crlf' })
    type(file, 'für\nalle\n')
    expect(file.changed.value).toBe(true)
    await file.save()
    expect(file.changed.value).toBe(false)
    expect(new Uint8Array(await readFile(path))).toEqual(
      Uint8Array.of(0x66, 0xfc, 0x72, 0x0d, 0x0a, ...[...'alle\r\n'].map((one) => one.charCodeAt(0))),
    )
    expect((await stat(path)).mode & 0o7777).toBe(0o640)
    expect(await leftovers()).toEqual([])
  })

  it('S-XFR-05 is written where a link leads to; the link stays', async () => {
    const target = await make('target.txt', 'old')
    const link = join(host.folder, 'link.txt')
    await symlink('target.txt', link)
    const file = await open(link)
    type(file, 'new')
    await file.save()
    expect((await lstat(link)).isSymbolicLink()).toBe(true)
    expect(await readlink(link)).toBe('target.txt')
    expect(await readFile(target, 'utf8')).toBe('new')
  })

  it('is not saved in an encoding that lacks a character', async () => {
    const path = await make('narrow.txt', Uint8Array.of(0xfc))
    const file = await open(path)
    type(file, 'ü 🙂')
    await expect(file.save()).rejects.toMatchObject({ failure: { code: 'unwritable' } })
    file.setEncoding('utf-8')
    await file.save()
    expect(await readFile(path, 'utf8')).toBe('ü 🙂')
  })

  it('can have other line ends', async () => {
    const path = await make('mixed.txt', 'a\r\nb\nc\n')
    const file = await open(path)
    expect(file.format.value.lineEnd).toBe('mixed')
    file.setLineEnd('crlf')
    expect(file.changed.value).toBe(true)
    await file.save()
    expect(await readFile(path, 'utf8')).toBe('a\r\nb\r\nc\r\n')
  })
})

describe('S-XFR-04 a text that was changed on the host meanwhile', () => {
  it('is not replaced, though size and time are as they were', async () => {
    const path = await make('conflict.txt', 'mine\n')
    const before = await stat(path)
    const file = await open(path)
    type(file, 'mine, longer\n')
    await writeFile(path, 'them\n')
    execFileSync('touch', ['-d', before.mtime.toISOString(), path])
    await file.save()
    expect(file.question.value?.kind).toBe('changed')
    expect(await readFile(path, 'utf8')).toBe('them\n')
    await file.answer('compare')
    expect(file.question.value).toEqual({ kind: 'compare', mine: 'mine, longer\n', theirs: 'them\n' })
    await file.answer('cancel')
    expect(file.changed.value).toBe(true)
    await file.save()
    await file.answer('mine')
    expect(await readFile(path, 'utf8')).toBe('mine, longer\n')
  })

  it('is taken as it is there, when that is wanted', async () => {
    const path = await make('theirs.txt', 'one')
    const file = await open(path)
    type(file, 'two')
    await writeFile(path, 'three')
    await file.save()
    await file.answer('theirs')
    expect(file.text).toBe('three')
    expect(file.changed.value).toBe(false)
  })

  it('is the same to us when only its time has changed', async () => {
    const path = await make('touched.txt', 'same')
    const file = await open(path)
    type(file, 'edited')
    execFileSync('touch', ['-d', '2001-01-01', path])
    await file.save()
    expect(await readFile(path, 'utf8')).toBe('edited')
  })

  it('is written again after it was removed, when that is wanted', async () => {
    const path = await make('gone.txt', 'here')
    const file = await open(path)
    type(file, 'still here')
    execFileSync('rm', [path])
    await file.save()
    expect(file.question.value).toEqual({ kind: 'gone' })
    await file.answer('mine')
    expect(await readFile(path, 'utf8')).toBe('still here')
  })
})

describe('a text that cannot be replaced', () => {
  it('S-XFR-05 is written in place only when the person says so: no right in its directory', async () => {
    const folder = join(host.folder, 'closed')
    await mkdir(folder)
    const path = await make('closed/shared.txt', 'a long old text')
    await chmod(folder, 0o555)
    const file = await open(path)
    const { ino } = await stat(path)
    type(file, 'short')
    await file.save()
    expect(file.question.value).toMatchObject({ kind: 'in-place', obstacle: 'directory' })
    expect(await readFile(path, 'utf8')).toBe('a long old text')
    await file.answer('in-place')
    expect(await readFile(path, 'utf8')).toBe('short')
    expect((await stat(path)).ino).toBe(ino)
  })

  it('S-XFR-05 is written in place only when the person says so: it belongs to somebody else', async () => {
    const path = await make('theirs-to-own.txt', 'old')
    await chown(path, 0, 0)
    await chmod(path, 0o666)
    const file = await open(path)
    type(file, 'new')
    await file.save()
    expect(file.question.value).toMatchObject({ kind: 'in-place', obstacle: 'owner' })
    expect(await leftovers()).toEqual([])
    await file.answer('in-place')
    expect(await readFile(path, 'utf8')).toBe('new')
    expect((await stat(path)).uid).toBe(0)
  })
})

describe('a draft', () => {
  it('outlives the page, and is gone when it was saved', async () => {
    const path = await make('draft.txt', 'first')
    const file = await open(path)
    type(file, 'second')
    await file.keep()
    const again = await open(path)
    expect(again.text).toBe('second')
    expect(again.base).toBe('first')
    expect(again.changed.value).toBe(true)
    expect(again.restored.value).toBeGreaterThan(0)
    await again.save()
    expect(await readFile(path, 'utf8')).toBe('second')
    expect((await open(path)).restored.value).toBeUndefined()
  })

  it('does not replace what was written on the host since', async () => {
    const path = await make('stale.txt', 'first')
    const file = await open(path)
    type(file, 'second')
    await file.keep()
    await writeFile(path, 'third')
    const again = await open(path)
    await again.save()
    expect(again.question.value?.kind).toBe('changed')
    await again.discard()
    expect(again.text).toBe('third')
    expect((await open(path)).restored.value).toBeUndefined()
    expect(errors).toEqual([])
  })
})
