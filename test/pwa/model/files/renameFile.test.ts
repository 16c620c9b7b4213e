import { afterAll, beforeAll, expect, test } from 'vitest'
import { Failed } from '../../../../pwa/model/failure.ts'
import { changeLink } from '../../../../pwa/model/files/links.ts'
import { makeFile, makeFolder, makeLink } from '../../../../pwa/model/files/make.ts'
import { renameFile } from '../../../../pwa/model/files/renameFile.ts'
import type { Sftp } from '../../../../pwa/model/sftp.ts'
import { Refusal } from '../../../../shared/failure.ts'
import { type OpenFiles, openFiles } from '../../../harness/openFiles.ts'

let files: OpenFiles

beforeAll(async () => {
  files = await openFiles()
})
afterAll(() => files.close())

const at = (path: string) => `${files.folder}/${path}`

test('a file gets its new name, of any kind, and never that of another', async () => {
  files.sh('echo 1 > a; echo 2 > b; mkdir d')
  const { sftp } = files.tab
  for (const name of ['b', 'd']) {
    await expect(renameFile(sftp, at('a'), at(name))).rejects.toMatchObject({ failure: { code: 'file-exists' } })
  }
  await expect(renameFile(sftp, at('none'), at('x'))).rejects.toMatchObject({ failure: { code: 'no-such-file' } })
  let from = at('a')
  for (const name of ["it's", '-rf', 'a\nb', '\udcff\udce9', '\u202egpj.exe', 'A']) {
    await renameFile(sftp, from, at(name))
    from = at(name)
  }
  expect(files.sh('cat A b; ls')).toBe('1\n2\nA\nb\nd\n')
})

test('two names that differ by case only are two files here, and none takes the other’s place', async () => {
  files.sh('echo lower > case; echo upper > CASE')
  await expect(renameFile(files.tab.sftp, at('case'), at('CASE'))).rejects.toMatchObject({
    failure: { code: 'file-exists' },
  })
  expect(files.sh('cat case CASE')).toBe('lower\nupper\n')
})

/** The same server as one that does not tell cases apart: what is there under any case is there. */
function caseless(sftp: Sftp, fail?: (to: string) => boolean): Pick<Sftp, 'ask' | 'list'> {
  const asked = { ask: sftp.ask.bind(sftp), list: sftp.list.bind(sftp) }
  const ask = async (event: string, message: { path?: string; from?: string; to?: string }) => {
    if (event === 'sftp-lstat' && message.path?.endsWith('/README')) {
      return asked.ask('sftp-lstat', { path: message.path.replace('README', 'readme') })
    }
    if (message.to && fail?.(message.to)) throw new Failed(new Refusal('permission-denied').toFailure())
    return asked.ask(event as 'sftp-rename', message as { from: string; to: string })
  }
  // A stand-in for all events that passes them on.
  return { ask: ask as Sftp['ask'], list: asked.list }
}

test('where the server does not tell cases apart a file changes its case, or keeps it where that fails', async () => {
  files.sh('echo me > readme')
  await expect(
    renameFile(
      caseless(files.tab.sftp, (to) => to.endsWith('/README')),
      at('readme'),
      at('README'),
    ),
  ).rejects.toMatchObject({ failure: { code: 'permission-denied' } })
  expect(files.sh('cat readme; ls -A | grep -c "^\\." || true')).toBe('me\n0\n')
  await renameFile(caseless(files.tab.sftp), at('readme'), at('README'))
  expect(files.sh('cat README; ls -A | grep -c "^\\." || true')).toBe('me\n0\n')
})

test('files, folders and links are made where nothing is yet', async () => {
  const { sftp } = files.tab
  files.sh('mkdir make')
  await makeFolder(sftp, at('make/folder'))
  await makeFile(sftp, at('make/file'))
  await makeLink(sftp, 'symbolic', at('make/link'), 'no where')
  await makeLink(sftp, 'hard', at('make/hard'), at('make/file'))
  expect(files.sh('cd make; stat -c "%F %h %N" *')).toBe(
    "regular empty file 2 'file'\ndirectory 2 'folder'\nregular empty file 2 'hard'\nsymbolic link 1 'link' -> 'no where'\n",
  )
  for (const name of ['folder', 'file', 'link', 'hard']) {
    const there = { failure: { code: 'file-exists' } }
    await expect(makeFolder(sftp, at(`make/${name}`))).rejects.toMatchObject(there)
    await expect(makeFile(sftp, at(`make/${name}`))).rejects.toMatchObject(there)
    await expect(makeLink(sftp, 'symbolic', at(`make/${name}`), 'x')).rejects.toMatchObject(there)
  }
})

test('a link points elsewhere from one moment to the next, with and without a server that renames over files', async () => {
  const { sftp } = files.tab
  files.sh('ln -s before pointer')
  await changeLink(sftp, at('pointer'), 'after')
  expect(files.sh('readlink pointer; ls -A | grep -c "^\\." || true')).toBe('after\n0\n')
  const info = sftp.info.peek()
  if (!info) throw new Error('not open')
  // A server without extensions.
  const plain = {
    ask: sftp.ask.bind(sftp) as Sftp['ask'],
    info: { value: { ...info, extensions: [] } } as unknown as Sftp['info'],
  }
  await changeLink(plain, at('pointer'), 'later')
  expect(files.sh('readlink pointer; ls -A | grep -c "^\\." || true')).toBe('later\n0\n')
})
