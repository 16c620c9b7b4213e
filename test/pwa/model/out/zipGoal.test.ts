import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Failed } from '../../../../pwa/model/failure.ts'
import type { DownloadGoal } from '../../../../pwa/model/out/goal.ts'
import { ZipGoal } from '../../../../pwa/model/out/zipGoal.ts'
import { type Left, memoryOutlets } from '../../../harness/memoryOutlet.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairlead-zip-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const bytes = (text: string) => new TextEncoder().encode(text)
const then = new Date(2026, 10, 20, 12, 30, 42).getTime()

async function put(goal: DownloadGoal, path: string[], text: string, modifiedAt = then): Promise<void> {
  const sink = await goal.open(path, bytes(text).byteLength, modifiedAt)
  if (text) await sink.write(0, bytes(text))
  await sink.close()
}

/** Tests the zip with `unzip` and unpacks it; gives what was unpacked, sorted. */
function unzipped(left: Left | undefined): string[] {
  const file = join(directory, 'out.zip')
  writeFileSync(file, left?.bytes() ?? '')
  expect(execFileSync('unzip', ['-t', file]).toString()).toContain('No errors detected')
  execFileSync('python3', [
    '-c',
    'import sys,zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])',
    file,
    join(directory, 'x'),
  ])
  const found = execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P%y\\n'], { cwd: join(directory, 'x') })
  return found.toString().trimEnd().split('\n').sort()
}

test('files, folders and empty ones are in the zip as they are, with their times', async () => {
  const { open, left } = memoryOutlets()
  const goal = new ZipGoal('site.zip', open)
  await goal.directory(['site'], then)
  await goal.directory(['site', 'empty'], then)
  await put(goal, ['site', 'Grüße 日本.txt'], 'Grüße')
  await put(goal, ['site', 'deep', 'er', 'a'], 'A'.repeat(100_000))
  await put(goal, ['site', 'nothing'], '')
  await put(goal, ['site', 'old'], 'x', 0)
  await goal.close()
  expect(left).toMatchObject([{ state: 'whole', head: { name: 'site.zip', type: 'application/zip' } }])
  expect(left[0]?.head.size).toBeUndefined()
  expect(unzipped(left[0])).toEqual([
    'site/Grüße 日本.txtf',
    'site/deep/er/af',
    'site/deep/erd',
    'site/deepd',
    'site/emptyd',
    'site/nothingf',
    'site/oldf',
    'sited',
  ])
  expect(readFileSync(join(directory, 'x/site/Grüße 日本.txt'), 'utf8')).toBe('Grüße')
  execFileSync('unzip', ['-o', join(directory, 'out.zip'), '-d', join(directory, 'y')])
  expect(statSync(join(directory, 'y/site/deep/er/a')).mtimeMs).toBe(then)
  // A zip knows no time before 1980.
  expect(statSync(join(directory, 'y/site/old')).mtime.getFullYear()).toBe(1980)
})

test('S-NAM-02 S-NAM-03 no entry leaves the folder, and names that become the same are told apart', async () => {
  const { open, left } = memoryOutlets()
  const goal = new ZipGoal('all.zip', open)
  const names = [
    '..',
    '../../x',
    '/etc/passwd',
    'a:b',
    'a|b',
    'CON',
    'a\nb',
    '\u202egpj.exe',
    '\udcff',
    'README',
    'readme',
  ]
  for (const name of names) await put(goal, ['top', name], name.toWellFormed())
  await goal.directory(['..', '..'])
  await put(goal, ['..', 'x'], 'x')
  await goal.close()
  expect(unzipped(left[0])).toEqual(
    [
      'topd',
      'top/_f',
      'top/_.._xf',
      'top/_etc_passwdf',
      'top/a_bf',
      'top/a_b (2)f',
      'top/CON_f',
      'top/a bf',
      'top/_gpj.exef',
      'top/_ (2)f',
      'top/READMEf',
      'top/readme (2)f',
      '_d',
      '_/_d',
      '_/xf',
    ].sort(),
  )
})

test('files that are opened side by side stand one after the other, and the first is never held back', async () => {
  const { open, left } = memoryOutlets()
  const goal = new ZipGoal('a.zip', open)
  const [first, second] = await Promise.all([goal.open(['1'], 4, then), goal.open(['2'], 2, then)])
  const later = second.write(0, bytes('zw')).then(() => second.close())
  await first.write(0, bytes('ei'))
  await first.write(2, bytes('ns'))
  await first.close()
  await later
  await goal.close()
  expect(unzipped(left[0])).toEqual(['1f', '2f'])
  expect(readFileSync(join(directory, 'x/2'), 'utf8')).toBe('zw')
})

test('after a cut a file goes on within the zip', async () => {
  const { open, left } = memoryOutlets()
  const goal = new ZipGoal('a.zip', open)
  const sink = await goal.open(['1'], 6, then)
  await sink.write(0, bytes('abc'))
  await sink.abort(true)
  await expect(goal.open(['1'], 7, then)).rejects.toMatchObject({ failure: { code: 'changed-meanwhile' } })
  const again = await goal.open(['1'], 6, then)
  expect(again.have).toBe(3)
  await again.write(3, bytes('def'))
  await again.close()
  await goal.close()
  expect(unzipped(left[0])).toEqual(['1f'])
  expect(readFileSync(join(directory, 'x/1'), 'utf8')).toBe('abcdef')
})

test('a file that is given up before its first byte leaves no trace; one that is given up later breaks the zip', async () => {
  const { open, left } = memoryOutlets()
  const goal = new ZipGoal('a.zip', open)
  const locked = await goal.open(['locked'], 3, then)
  const next = put(goal, ['next'], 'x')
  await locked.abort(false)
  await next
  const torn = await goal.open(['torn'], 3, then)
  await torn.write(0, bytes('t'))
  await torn.abort(false)
  await expect(goal.open(['more'], 1, then)).rejects.toMatchObject({ failure: { code: 'zip-broken' } })
  await expect(goal.close()).rejects.toThrow(Failed)
  expect(left.map(({ state }) => state)).toEqual(['failed'])
})

test('a download that fails leaves no zip, and whoever writes hears why', async () => {
  const { open, left } = memoryOutlets()
  const goal = new ZipGoal('a.zip', open)
  const waiting = await goal.open(['1'], 2, then)
  await waiting.write(0, bytes('a'))
  await goal.fail(new Failed('relay-lost'))
  await expect(waiting.write(1, bytes('b'))).rejects.toMatchObject({ failure: { code: 'relay-lost' } })
  await expect(goal.open(['2'], 1, then)).rejects.toMatchObject({ failure: { code: 'relay-lost' } })
  expect(left.map(({ state }) => state)).toEqual(['failed'])
})

test('the browser ends the zip: whoever writes or waits hears of it', async () => {
  const { open, left } = memoryOutlets()
  const goal = new ZipGoal('a.zip', open)
  const first = await goal.open(['1'], 9, then)
  const second = await goal.open(['2'], 9, then)
  await first.write(0, bytes('abc'))
  const waiting = second.write(0, bytes('abc'))
  const reason = new Failed('download-cancelled')
  left[0]?.cancel(reason)
  expect(goal.ended.reason).toBe(reason)
  await expect(waiting).rejects.toBe(reason)
  await expect(first.write(3, bytes('def'))).rejects.toBe(reason)
  await expect(goal.close()).rejects.toBe(reason)
})

test('S-XFR-07 a slow disk holds the sender back', async () => {
  let release = () => {}
  const gate = () => new Promise<void>((resolve) => (release = resolve))
  const { open, left } = memoryOutlets(gate)
  const goal = new ZipGoal('a.zip', open)
  const sink = await goal.open(['1'], 1_000_000, then)
  let sent = 0
  const sending = (async () => {
    for (let at = 0; at < 1_000_000; at += 100_000) {
      await sink.write(at, new Uint8Array(100_000))
      sent += 100_000
    }
    await sink.close()
    await goal.close()
  })()
  // Everything that can be done without the disk is done.
  await new Promise((resolve) => setImmediate(resolve))
  expect(sent).toBeLessThanOrEqual(300_000)
  const opening = setInterval(() => release(), 0)
  await sending
  clearInterval(opening)
  expect(left[0]?.state).toBe('whole')
})
