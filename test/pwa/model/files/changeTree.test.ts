import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Change, changeTree } from '../../../../pwa/model/files/changeTree.ts'
import { countTree } from '../../../../pwa/model/files/countTree.ts'
import { lstat } from '../../../../pwa/model/files/lstat.ts'
import { changedMode } from '../../../../pwa/model/files/modes.ts'
import { type OpenFiles, openFiles } from '../../../harness/openFiles.ts'

let files: OpenFiles

beforeAll(async () => {
  files = await openFiles()
})
afterAll(() => files.close())

async function change(path: string, how: Change, below = true) {
  const problems: string[] = []
  let count = 0
  await changeTree(files.tab.sftp, await lstat(files.tab.sftp, `${files.folder}/${path}`), how, below, {
    done: () => void count++,
    problem: ({ path: at, failure }) => void problems.push(`${at.slice(files.folder.length + 1)} ${failure.code}`),
  })
  return { count, problems }
}

/** What chmod -R would do, with modes of their own for files and directories. */
const modes =
  (file: number, directory: number): Change =>
  ({ type }) =>
    type === 'symlink' ? undefined : { attributes: { mode: type === 'directory' ? directory : file } }
const shown = (path: string) => files.sh(`find ${path} -printf '%m %P\\n' | sort -k2`).trim().split('\n')

test('files and directories get modes of their own, links and what they point to none', async () => {
  files.sh(
    'mkdir -p tree/a outside; umask 077; touch tree/1 tree/a/2 outside/x; chmod 600 outside/x; ln -s ../outside/x tree/link',
  )
  expect(await change('tree', modes(0o640, 0o2750))).toEqual({ count: 5, problems: [] })
  expect(shown('tree')).toEqual(['2750 ', '640 1', '2750 a', '640 a/2', '777 link'])
  expect(shown('outside/x')).toEqual(['600'])
})

test('a directory is opened before it is read, and shut after what is in it', async () => {
  files.sh('mkdir -p shut/in/deep; touch shut/in/deep/x; chmod 000 shut/in/deep shut/in shut')
  expect(await change('shut', modes(0o600, 0o700))).toEqual({ count: 4, problems: [] })
  expect(shown('shut')).toEqual(['700 ', '700 in', '700 in/deep', '600 in/deep/x'])
  expect(await change('shut', modes(0o400, 0o200))).toEqual({ count: 4, problems: [] })
  files.sh('chmod 700 shut shut/in shut/in/deep')
  expect(shown('shut').at(-1)).toBe('400 in/deep/x')
})

test('bits that are not told about stay, and what would not change is not counted', async () => {
  files.sh('mkdir bits; touch bits/a bits/b; chmod 4751 bits/a; chmod 640 bits/b; chmod 755 bits')
  const add: Change = ({ mode = 0, type }) => {
    const wanted = changedMode(mode, { set: 0o040, clear: 0 })
    return type === 'symlink' || wanted === (mode & 0o7777) ? undefined : { attributes: { mode: wanted } }
  }
  files.sh('chmod g-r bits/a')
  const top = await lstat(files.tab.sftp, `${files.folder}/bits`)
  const count = await countTree(files.tab.sftp, [top], () => undefined, { counts: (info) => add(info) !== undefined })
  expect(count).toMatchObject({ files: 1, directories: 0 })
  await change('bits', add)
  expect(shown('bits')).toEqual(['755 ', '4751 a', '640 b'])
})

test('what the server refuses is told for each, and the others go on', async () => {
  files.sh('mkdir own; touch own/a own/b')
  const give: Change = ({ gid = 0 }) => ({ attributes: { uid: 0, gid } })
  const { count, problems } = await change('own', give)
  expect(count).toBe(0)
  expect(problems.toSorted()).toEqual(['own permission-denied', 'own/a permission-denied', 'own/b permission-denied'])
})

test('of one directory alone nothing below it changes', async () => {
  files.sh('mkdir alone; touch alone/x; chmod 644 alone/x')
  expect(await change('alone', modes(0o600, 0o711), false)).toEqual({ count: 1, problems: [] })
  expect(shown('alone')).toEqual(['711 ', '644 x'])
})
