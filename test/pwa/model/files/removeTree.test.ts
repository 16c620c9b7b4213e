import { afterAll, beforeAll, expect, test } from 'vitest'
import { lstat } from '../../../../pwa/model/files/lstat.ts'
import { removeTree } from '../../../../pwa/model/files/removeTree.ts'
import { type OpenFiles, openFiles } from '../../../harness/openFiles.ts'

let files: OpenFiles

beforeAll(async () => {
  files = await openFiles()
})
afterAll(() => files.close())

async function remove(path: string, signal?: AbortSignal, onDone: () => void = () => undefined) {
  const problems: string[] = []
  let count = 0
  const progress = {
    done: () => {
      count++
      onDone()
    },
    problem: ({ path: at, failure }: { path: string; failure: { code: string } }) => {
      problems.push(`${at.slice(files.folder.length + 1)} ${failure.code}`)
    },
  }
  const file = await lstat(files.tab.sftp, `${files.folder}/${path}`)
  await removeTree(files.tab.sftp, file, { ...progress, ...(signal && { signal }) })
  return { count, problems: problems.toSorted() }
}

test('a tree goes with all that is in it, links without what they point to', async () => {
  files.sh(`mkdir -p tree/a/b outside; touch outside/keep "tree/a
b" "$(printf 'tree/\\377')" tree/a/b/-rf; ln -s ../outside tree/out; ln -s . tree/loop; mkfifo tree/pipe`)
  expect(await remove('tree')).toEqual({ count: 9, problems: [] })
  expect(files.sh('ls; ls outside')).toBe('outside\nkeep\n')
})

test('2,000 entries go, and a file and a link by themselves', async () => {
  files.sh(
    'mkdir many; cd many; for d in 1 2 3 4; do mkdir $d; (cd $d; seq 499 | xargs touch); done; ln -s 1 ../one; touch ../file',
  )
  expect(await remove('many')).toEqual({ count: 2001, problems: [] })
  expect(await remove('one')).toEqual({ count: 1, problems: [] })
  expect(await remove('file')).toEqual({ count: 1, problems: [] })
  expect(files.sh('ls')).toBe('outside\n')
})

test('what may not be removed stays, each told once, and all else goes', async () => {
  files.sh(
    'mkdir -p part/locked/in part/free part/shut/x; touch part/locked/stays part/free/goes; chmod 500 part/locked; chmod 000 part/shut',
  )
  const { problems } = await remove('part')
  expect(problems).toEqual([
    'part/locked/in permission-denied',
    'part/locked/stays permission-denied',
    'part/shut permission-denied',
  ])
  files.sh('chmod 700 part/locked part/shut')
  expect(files.sh('find part | sort')).toBe(
    'part\npart/locked\npart/locked/in\npart/locked/stays\npart/shut\npart/shut/x\n',
  )
})

test('what vanishes meanwhile counts as removed', async () => {
  files.sh('mkdir gone; touch gone/1 gone/2')
  const sftp = files.tab.sftp
  const top = await lstat(sftp, `${files.folder}/gone`)
  const one = await lstat(sftp, `${files.folder}/gone/1`)
  files.sh('rm -r gone')
  const problems: unknown[] = []
  let count = 0
  const progress = { done: () => void count++, problem: (problem: unknown) => void problems.push(problem) }
  await removeTree(sftp, one, progress)
  await removeTree(sftp, top, progress)
  expect({ count, problems }).toEqual({ count: 2, problems: [] })
})

test('it stops when it is told to, and the directory stays', async () => {
  files.sh('mkdir stop; cd stop; seq 300 | xargs touch')
  const stop = new AbortController()
  const { count } = await remove('stop', stop.signal, () => stop.abort())
  expect(count).toBeLessThan(100)
  expect(Number(files.sh('ls stop | wc -l'))).toBe(300 - count)
})
