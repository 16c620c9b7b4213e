import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { sources } from './sources.ts'
import { apart } from './vitest.config.ts'

const exists = (path: string) => existsSync(fileURLToPath(new URL(`../${path}`, import.meta.url)))
const all = sources('test')
const tests = all.map(({ path }) => path).filter((path) => /\.test\.tsx?$/.test(path))

const isSubject = (path: string) => ['', '.ts', '.tsx'].some((ending) => exists(path + ending))

/** Tests of how parts work together, which no single file is the home of. */
const stories = [
  'relay/cli',
  'relay/hostile',
  'relay/junk',
  'relay/limits',
  'relay/origin',
  'relay/seed',
  'extension/package',
]

test('a test lies where its subject lies: test/relay/auth.test.ts tests relay/auth.ts', () => {
  const strays = tests
    .filter((path) => /^test\/(shared|relay|pwa|extension)\//.test(path))
    // `host.sftp.test.ts` is the part about SFTP of what tests `host`.
    .map((path) => path.replace(/^test\//, '').replace(/\.test\.tsx?$/, ''))
    .filter(
      (subject) => ![subject, subject.replace(/\.\w+$/, '')].some((one) => isSubject(one) || stories.includes(one)),
    )
  expect([...new Set(strays)]).toEqual([])
})

test('a story that is named here is told, and is about no single file', () => {
  const told = (subject: string) => tests.some((path) => path.startsWith(`test/${subject}.`))
  expect(stories.filter((subject) => !told(subject) || exists(`${subject}.ts`))).toEqual([])
})

test('a test that puts another module in the place of one has a process of its own', () => {
  const mocking = all.filter(({ text }) => /^vi\.(do)?mock\(/im.test(text)).map(({ path }) => path)
  expect(mocking.length).toBeGreaterThan(0)
  expect(mocking.filter((path) => !apart.includes(path))).toEqual([])
})
