import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { originIn, Trash } from '../../../../pwa/model/files/trash.ts'
import { type OpenFiles, openFiles } from '../../../harness/openFiles.ts'

let files: OpenFiles
const now = new Date(2026, 10, 21, 9, 5, 7)

beforeAll(async () => {
  files = await openFiles()
})
afterAll(() => files.close())

/** A trash of its own for each: the folder stands for the home. */
function trashIn(home: string): Trash {
  files.sh(`mkdir -p ${home}`)
  return new Trash(files.tab.sftp, `${files.folder}/${home}`)
}

test('what is deleted lies in the trash as freedesktop.org has it, and comes back', async () => {
  const trash = trashIn('one')
  files.sh(`mkdir "dir é"; echo hello > "dir é/50% off.txt"`)
  const from = `${files.folder}/dir é/50% off.txt`
  const taken = await trash.take(from, now)
  expect(taken).toEqual({ from, name: '50% off.txt' })
  expect(files.sh('stat -c %a one/.local/share/Trash one/.local/share/Trash/files')).toBe('700\n700\n')
  expect(files.sh('cat one/.local/share/Trash/info/*; stat -c %a one/.local/share/Trash/info/*')).toBe(
    `[Trash Info]\nPath=${encodeURI(files.folder)}/dir%20%C3%A9/50%25%20off.txt\nDeletionDate=2026-11-21T09:05:07\n600\n`,
  )
  expect(files.sh('cat "one/.local/share/Trash/files/50% off.txt"')).toBe('hello\n')
  expect(existsSync(from)).toBe(false)
  await trash.putBack(taken)
  expect(files.sh(`cat "dir é/50% off.txt"; ls one/.local/share/Trash/*`)).toBe(
    'hello\none/.local/share/Trash/files:\n\none/.local/share/Trash/info:\n',
  )
})

test('names that are taken in the trash, and names that are no text, find a place', async () => {
  const trash = trashIn('two')
  files.sh('mkdir a b c; touch a/x.txt b/x.txt c/.x "$(printf \'c/\\377\')"')
  const names = []
  for (const path of ['a/x.txt', 'b/x.txt', 'c/.x', 'c/\udcff']) {
    names.push((await trash.take(`${files.folder}/${path}`, now)).name)
  }
  expect(names).toEqual(['x.txt', 'x.2.txt', '.x', '\udcff'])
  const long = `${'é'.repeat(120)}.longest.txt`
  writeFileSync(`${files.folder}/${long}`, '')
  const taken = await trash.take(`${files.folder}/${long}`, now)
  expect(taken.name).toMatch(/^é+gest\.txt$/)
  expect(Buffer.byteLength(taken.name)).toBeLessThanOrEqual(200)
  expect(await trash.origin(taken.name)).toBe(taken.from)
  expect(files.sh('grep -l Path=.*b/x.txt two/.local/share/Trash/info/*')).toBe(
    'two/.local/share/Trash/info/x.2.txt.trashinfo\n',
  )
  expect(files.sh("grep -c '%FF' two/.local/share/Trash/info/*.trashinfo | grep -c :1").trim()).toBe('1')
})

test('a directory goes whole, many at once, and nothing is put back over another', async () => {
  const trash = trashIn('three')
  files.sh('mkdir -p d/1/2 e/1 f/1; touch d/1/2/x')
  const taken = await Promise.all(['d/1', 'e/1', 'f/1'].map((path) => trash.take(`${files.folder}/${path}`, now)))
  expect(taken.map(({ name }) => name).toSorted()).toEqual(['1', '1.2', '1.3'])
  files.sh('mkdir d/1')
  const [first] = taken
  if (!first) throw new Error('nothing taken')
  await expect(trash.putBack(first)).rejects.toMatchObject({ failure: { code: 'file-exists' } })
  files.sh('rmdir d/1')
  await trash.putBack(first)
  expect(files.sh('find d')).toBe('d\nd/1\nd/1/2\nd/1/2/x\n')
})

test('where there can be no trash, or it is on another file system, nothing is lost and nothing is left in it', async () => {
  const readOnly = trashIn('shut')
  files.sh('chmod 500 shut; touch stays')
  await expect(readOnly.take(`${files.folder}/stays`, now)).rejects.toMatchObject({ failure: { code: 'not-in-trash' } })
  const elsewhere = mkdtempSync('/dev/shm/fairlead-')
  execFileSync('chmod', ['777', elsewhere])
  try {
    files.sh(`echo here > ${elsewhere}/file`)
    const trash = trashIn('four')
    await expect(trash.take(`${elsewhere}/file`, now)).rejects.toMatchObject({ failure: { code: 'not-in-trash' } })
    expect(files.sh(`cat ${elsewhere}/file; ls four/.local/share/Trash/files four/.local/share/Trash/info`)).toBe(
      'here\nfour/.local/share/Trash/files:\n\nfour/.local/share/Trash/info:\n',
    )
  } finally {
    rmSync(elsewhere, { recursive: true })
  }
  files.sh('chmod 700 shut')
})

test('what is in the trash is known to be, and what is not there fails as such', async () => {
  const trash = trashIn('five')
  expect(trash.holds(`${trash.files}/x`)).toBe(true)
  expect(trash.holds(`${files.folder}/five/.local/share/Trash`)).toBe(true)
  expect(trash.holds(`${files.folder}/five/.local/share/Trashed`)).toBe(false)
  await expect(trash.take(`${files.folder}/nowhere`, now)).rejects.toMatchObject({ failure: { code: 'no-such-file' } })
  expect(files.sh('ls five/.local/share/Trash/info')).toBe('')
})

test('where things were is read again, and a note that is not what we write is no way to anywhere', async () => {
  const trash = trashIn('six')
  files.sh("mkdir 'o%d é'; touch 'o%d é/a\nb'; mv 'o%d é/a\nb' \"o%d é/$(printf 'x\\377')\"")
  const from = `${files.folder}/o%d é/x\udcff`
  const { name } = await trash.take(from, now)
  expect(await trash.origin(name)).toBe(from)
  expect(await trash.origin('never there')).toBeUndefined()
  await trash.forget(name)
  expect(await trash.origin(name)).toBeUndefined()
  await trash.forget(name)
  const note = (path: string) => originIn(new TextEncoder().encode(`[Trash Info]\nPath=${path}\nDeletionDate=x\n`))
  expect(note('/home/me/a%20b')).toBe('/home/me/a b')
  for (const junk of [
    '',
    'relative/x',
    '../x',
    '/a/../b',
    '/a/./b',
    '/a//b',
    '/a/',
    '/..',
    '/a%00b',
    '/a%2F..%2Fb',
    '/ä',
    '/a b',
    `/${'a'.repeat(13_000)}`,
  ]) {
    expect(note(junk), junk.slice(0, 40)).toBeUndefined()
  }
  expect(originIn(new Uint8Array([0xff, 0x00, 0x50]))).toBeUndefined()
})
