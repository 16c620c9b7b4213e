import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TreeEntry, treeBounds, walk } from '../../../../pwa/model/files/walk.ts'
import { type OpenFiles, openFiles } from '../../../harness/openFiles.ts'

let files: OpenFiles

beforeAll(async () => {
  files = await openFiles()
})
afterAll(() => files.close())

async function entries(path: string, problem?: Parameters<typeof walk>[3]): Promise<TreeEntry[]> {
  const all: TreeEntry[] = []
  for await (const entry of walk(files.tab.sftp, `${files.folder}/${path}`, undefined, problem)) all.push(entry)
  return all
}

const paths = (all: TreeEntry[]) => all.map(({ relative }) => relative.join('/')).toSorted()

test('a walk gives everything below, a directory before what is in it, and no link leads it away', async () => {
  files.sh(
    'mkdir -p tree/a/b/c tree/empty; echo 1 > tree/a/b/c/deep; ln -s . tree/loop; ln -s / tree/a/root; ln -s gone tree/a/b/broken',
  )
  const all = await entries('tree')
  expect(paths(all)).toEqual(['a', 'a/b', 'a/b/broken', 'a/b/c', 'a/b/c/deep', 'a/root', 'empty', 'loop'].toSorted())
  const at = (path: string) => all.findIndex(({ relative }) => relative.join('/') === path)
  expect(at('a')).toBeLessThan(at('a/b'))
  expect(at('a/b/c')).toBeLessThan(at('a/b/c/deep'))
  expect(all.find(({ relative }) => relative.at(-1) === 'deep')).toMatchObject({
    path: `${files.folder}/tree/a/b/c/deep`,
    info: { type: 'file', size: 2 },
  })
})

test('of a link, or of a file, there is nothing below', async () => {
  files.sh('mkdir real; touch real/x; ln -s real link')
  expect(await entries('link')).toEqual([])
  expect(await entries('real/x')).toEqual([])
})

test('names of every kind come through, and 2,500 entries by pages', async () => {
  files.sh(`mkdir odd; cd odd; touch -- '-rf' 'a
b' "$(printf 'caf\\351')" "$(printf '\\342\\200\\256gpj.exe')" "it's"; mkdir many; cd many; seq 2500 | xargs touch`)
  const all = await entries('odd')
  expect(
    all
      .filter(({ relative }) => relative.length === 1)
      .map(({ info }) => info.name)
      .toSorted(),
  ).toEqual(['-rf', 'a\nb', 'caf\udce9', '\u202egpj.exe', "it's", 'many'].toSorted())
  expect(all.filter(({ relative }) => relative[0] === 'many' && relative.length === 2)).toHaveLength(2500)
})

test('what cannot be read is told of and left out, or ends the walk where nobody wants to know', async () => {
  files.sh('mkdir -p shut/locked/x shut/open; touch shut/open/y; chmod 000 shut/locked')
  const problems: string[] = []
  const all = await entries('shut', (path, { code }) => problems.push(`${path.slice(files.folder.length)} ${code}`))
  expect(paths(all)).toEqual(['locked', 'open', 'open/y'])
  expect(problems).toEqual(['/shut/locked permission-denied'])
  await expect(entries('shut')).rejects.toMatchObject({ failure: { code: 'permission-denied' } })
  files.sh('chmod 700 shut/locked')
})

test('S-NAM-03 a directory that a link has taken the place of meanwhile is not read', async () => {
  files.sh('mkdir -p swap/d secret; touch secret/s')
  const problems: string[] = []
  const all: string[] = []
  const walked = walk(
    files.tab.sftp,
    `${files.folder}/swap`,
    undefined,
    (_, { code }) => problems.push(code),
    async () => void files.sh('rmdir swap/d; ln -s ../secret swap/d'),
  )
  for await (const { relative } of walked) all.push(relative.join('/'))
  expect(all).toEqual(['d'])
  expect(problems).toEqual(['changed-meanwhile'])
})

test('S-NAM-03 more directories in each other than the bound end it, with a reason', async () => {
  // Short names, since a whole path has a bound of its own.
  files.sh(`perl -e 'for (1..300) { mkdir "d"; chdir "d" or die }'`)
  const all: TreeEntry[] = []
  const run = async () => {
    for await (const entry of walk(files.tab.sftp, `${files.folder}/d`)) all.push(entry)
  }
  await expect(run()).rejects.toMatchObject({ failure: { code: 'tree-too-deep' } })
  expect(all).toHaveLength(treeBounds.depth)
})

test('it stops when nobody wants it any more, and leaves no listing open', async () => {
  files.sh('mkdir stop; mkdir stop/1 stop/2; for d in 1 2; do (cd stop/$d; seq 1100 | xargs touch); done')
  for (let again = 0; again < 10; again++) {
    const stop = new AbortController()
    let seen = 0
    for await (const _ of walk(files.tab.sftp, `${files.folder}/stop`, stop.signal)) if (++seen === 20) stop.abort()
    expect(seen).toBeLessThan(1100)
  }
  // The relay keeps a few listings open at once: a leak would refuse this one.
  expect(paths(await entries('stop'))).toHaveLength(2 + 2 * 1100)
})
