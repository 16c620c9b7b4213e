import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FolderGoal } from '../../../../pwa/model/out/folderGoal.ts'
import type { DownloadGoal } from '../../../../pwa/model/out/goal.ts'
import { goalOf } from '../../../../pwa/model/out/goalOf.ts'
import { folderHandle } from '../../../harness/folderHandle.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-folder-'))
})
afterEach(() => rm(folder, { recursive: true }))

const mebibyte = 1024 * 1024
const text = (path: string) => readFile(join(folder, path), 'utf8')
const names = async (path = '.') => (await readdir(join(folder, path))).sort()

async function put(goal: DownloadGoal, path: string[], content: string, existing?: 'replace'): Promise<void> {
  const data = new TextEncoder().encode(content)
  const sink = await goal.open(path, data.byteLength, 0, existing)
  await sink.write(0, data)
  await sink.close()
}

test('folders are folders, also empty ones, and files stand in them', async () => {
  const goal = new FolderGoal(folderHandle(folder))
  await goal.directory(['site', 'empty'])
  await put(goal, ['site', 'a.txt'], 'alpha')
  await put(goal, ['b.txt'], 'beta')
  await goal.close()
  expect(await names()).toEqual(['b.txt', 'site'])
  expect(await names('site')).toEqual(['a.txt', 'empty'])
  expect(await text('site/a.txt')).toBe('alpha')
})

test('S-NAM-01 S-NAM-03 nothing leaves the folder, whatever the server calls it', async () => {
  const goal = new FolderGoal(folderHandle(folder))
  const hostile = ['..', '../../x', '/etc/passwd', 'a\0b', '', '.', 'CON', '\udcff', 'a\nb']
  for (const name of hostile) await put(goal, [name, name], 'x')
  await goal.close()
  const found = await readdir(folder, { recursive: true })
  expect(found.length).toBe(2 * hostile.length)
  expect(await names()).toEqual(['CON_', '_', '_ (2)', '_ (3)', '_ (4)', '_.._x', '_etc_passwd', 'a b', 'a_b'])
})

test('what is there stays: files get a number, folders are filled, and only what is to be replaced is', async () => {
  await mkdir(join(folder, 'site'))
  await writeFile(join(folder, 'site/a.txt'), 'mine')
  await writeFile(join(folder, 'site/b.txt'), 'mine')
  const goal = new FolderGoal(folderHandle(folder))
  expect(await goal.there(['site', 'a.txt'])).toMatchObject({ size: 4 })
  expect(await goal.there(['site', 'new'])).toBeUndefined()
  await put(goal, ['site', 'a.txt'], 'theirs')
  await put(goal, ['site', 'b.txt'], 'theirs', 'replace')
  expect(await goal.there(['site', 'a.txt'])).toBeUndefined()
  expect(await names('site')).toEqual(['a (2).txt', 'a.txt', 'b.txt'])
  expect([await text('site/a.txt'), await text('site/a (2).txt'), await text('site/b.txt')]).toEqual([
    'mine',
    'theirs',
    'theirs',
  ])
})

test('a folder does not take the place of a file', async () => {
  await writeFile(join(folder, 'site'), 'mine')
  const goal = new FolderGoal(folderHandle(folder))
  await put(goal, ['site', 'a'], 'x')
  expect(await names()).toEqual(['site', 'site (2)'])
})

const large = Buffer.alloc(40 * mebibyte, 'fairlead ')

async function pour(goal: DownloadGoal, to: number): Promise<Awaited<ReturnType<DownloadGoal['open']>>> {
  const sink = await goal.open(['large.bin'], large.length, 5_000)
  for (let at = sink.have; at < to; at += mebibyte) await sink.write(at, large.subarray(at, at + mebibyte))
  return sink
}

test('a large file has its name only when it is whole', async () => {
  const goal = new FolderGoal(folderHandle(folder))
  const sink = await pour(goal, 30 * mebibyte)
  expect((await names()).filter((name) => !name.startsWith('.'))).toEqual([])
  await expect(sink.close()).rejects.toMatchObject({ failure: { code: 'wrong-size' } })
  await sink.abort(true)
  const again = await pour(goal, large.length)
  expect(again.have).toBe(30 * mebibyte)
  await again.close()
  await goal.close()
  expect(await names()).toEqual(['large.bin'])
  expect((await readFile(join(folder, 'large.bin'))).equals(large)).toBe(true)
})

test('S-XFR-01 after a crash the next page goes on with what is on the disk', async () => {
  await pour(new FolderGoal(folderHandle(folder)), 39 * mebibyte)
  // The page is gone, and with it what its writer had not closed: the first 32 MiB had been.
  const next = goalOf(folderHandle(folder))
  const sink = await pour(next, large.length)
  expect(sink.have).toBe(32 * mebibyte)
  await sink.close()
  expect((await readFile(join(folder, 'large.bin'))).equals(large)).toBe(true)
})

test('S-XFR-04 a part of another version of the file, or of another download, is not gone on with', async () => {
  await pour(new FolderGoal(folderHandle(folder)), 39 * mebibyte)
  const changed = await goalOf(folderHandle(folder)).open(['large.bin'], large.length, 9_000)
  expect(changed.have).toBe(0)
  const fresh = await new FolderGoal(folderHandle(folder)).open(['large.bin'], large.length, 5_000)
  expect(fresh.have).toBe(0)
})

test('what is given up leaves nothing behind', async () => {
  const goal = new FolderGoal(folderHandle(folder))
  const sink = await pour(goal, 35 * mebibyte)
  await sink.abort(false)
  await pour(goal, 2 * mebibyte)
  await goal.fail()
  expect(await names()).toEqual([])
})

test('a full disk says so', async () => {
  const disk = { full: false, moves: true }
  const goal = new FolderGoal(folderHandle(folder, disk))
  const sink = await pour(goal, mebibyte)
  disk.full = true
  await expect(sink.write(mebibyte, large.subarray(0, mebibyte))).rejects.toMatchObject({
    failure: { code: 'no-space-here' },
  })
})

test('where files cannot be moved a large one is copied into its place', async () => {
  await writeFile(join(folder, 'large.bin'), 'mine')
  const goal = new FolderGoal(folderHandle(folder, { full: false, moves: false }))
  const sink = await goal.open(['large.bin'], large.length, 5_000, 'replace')
  for (let at = 0; at < large.length; at += mebibyte) await sink.write(at, large.subarray(at, at + mebibyte))
  expect(await text('large.bin')).toBe('mine')
  await sink.close()
  expect(await names()).toEqual(['large.bin'])
  expect((await readFile(join(folder, 'large.bin'))).equals(large)).toBe(true)
})
