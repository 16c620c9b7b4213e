import { afterAll, beforeAll, expect, test } from 'vitest'
import { duplicate } from '../../../../pwa/model/files/copyTree.ts'
import { lstat } from '../../../../pwa/model/files/lstat.ts'
import { type OpenFiles, openFiles } from '../../../harness/openFiles.ts'

let files: OpenFiles

beforeAll(async () => {
  files = await openFiles()
})
afterAll(() => files.close())

async function copy(path: string, signal?: AbortSignal) {
  const problems: string[] = []
  let count = 0
  const { sftp } = files.tab
  const made = await duplicate(sftp, await lstat(sftp, `${files.folder}/${path}`), {
    done: () => void count++,
    problem: ({ path: at, failure }) => void problems.push(`${at.slice(files.folder.length + 1)} ${failure.code}`),
    ...(signal && { signal }),
  })
  return { made: made.slice(files.folder.length + 1), count, problems }
}

test('a file is copied beside itself with its mode and times, under the first name that is free', async () => {
  files.sh(
    'head -c 3000000 /dev/urandom > data.tar.gz; chmod 4640 data.tar.gz; touch -d @1000000000 data.tar.gz; : > empty',
  )
  expect(await copy('data.tar.gz')).toEqual({ made: 'data copy.tar.gz', count: 1, problems: [] })
  expect(await copy('data.tar.gz')).toMatchObject({ made: 'data copy 2.tar.gz' })
  expect(await copy('empty')).toMatchObject({ made: 'empty copy', problems: [] })
  expect(
    files.sh('stat -c "%a %Y %s" data*; cmp data.tar.gz "data copy 2.tar.gz" && echo same; stat -c %s "empty copy"'),
  ).toBe('640 1000000000 3000000\n640 1000000000 3000000\n4640 1000000000 3000000\nsame\n0\n')
  expect(files.sh('ls -A | grep -c "^\\." || true')).toBe('0\n')
})

test('a directory is copied with links as links, odd names and times; a pipe is told of, and nobody waits for it', async () => {
  files.sh(`mkdir -p "dir/in/shut" dir/none; echo 1 > dir/in/x; echo 2 > "$(printf 'dir/caf\\351')"; ln -s ../.. dir/in/up
mkfifo dir/pipe; touch -d @1000000000 dir/in; chmod 550 dir/in/shut`)
  expect(await copy('dir')).toEqual({ made: 'dir copy', count: 7, problems: ['dir/pipe sftp-unsupported'] })
  expect(
    files.sh(
      'rm dir/pipe; diff -r --no-dereference dir "dir copy" && stat -c "%a %Y" "dir copy/in"; stat -c %a "dir copy/in/shut"',
    ),
  ).toMatch(/^7\d5 1000000000\n550\n$/)
})

test('what cannot be read is told of, and what is stopped leaves nothing half done', async () => {
  files.sh('mkdir part; touch part/a part/b; chmod 000 part/b')
  expect(await copy('part')).toEqual({ made: 'part copy', count: 2, problems: ['part/b permission-denied'] })
  const stop = AbortSignal.abort()
  files.sh('head -c 100000 /dev/zero > big')
  await copy('big', stop)
  expect(files.sh('ls -A | grep -e part$ -e "big copy" || true')).toBe('part\n')
})
