import { expect, test } from 'vitest'
import { Failed } from '../../../../pwa/model/failure.ts'
import { atOnce } from '../../../../pwa/model/files/atOnce.ts'
import { refused } from '../../../../pwa/model/files/fileFailure.ts'
import { FileJob, type Work } from '../../../../pwa/model/files/fileJob.ts'

const entry = {
  name: 'x',
  path: '/x',
  size: 5,
  type: 'file',
  permissions: '-rw-r--r--',
  owner: '',
  group: '',
  modifiedAt: new Date(0),
} as const

function job(work: Partial<Work>): FileJob {
  return new FileJob({ run: async () => undefined, ...work })
}

test('it counts, asks, runs and ends, and tells how far it is', async () => {
  const one = job({
    async count(_, counted, problem) {
      counted({ files: 3, directories: 1, bytes: 9 })
      problem({ path: '/shut', failure: refused('permission-denied').failure })
    },
    async run({ done, problem }) {
      done(entry)
      done({ ...entry, type: 'directory' })
      problem({ path: '/x', failure: refused('permission-denied').failure })
    },
  })
  await one.count()
  expect(one.state.value).toBe('asking')
  expect(one.counted.value).toEqual({ files: 3, directories: 1, bytes: 9 })
  expect(one.problemCount.value).toBe(1)
  await one.run()
  expect(one.state.value).toBe('done')
  expect(one.done.value).toEqual({ files: 1, directories: 1, bytes: 5 })
  expect(one.problems.value.map(({ path }) => path)).toEqual(['/x'])
})

test('it keeps the first of many problems and counts the others', async () => {
  const one = job({
    async run({ problem }) {
      for (let at = 0; at < 1000; at++) problem({ path: `/${at}`, failure: refused('permission-denied').failure })
    },
  })
  await one.run()
  expect(one.problemCount.value).toBe(1000)
  expect(one.problems.value).toHaveLength(200)
  expect(one.problems.value[0]?.path).toBe('/0')
})

test('it can be stopped while it counts, asks and runs, and says why it failed', async () => {
  const counting = job({ count: (signal) => new Promise<void>((end) => signal.addEventListener('abort', () => end())) })
  const counted = counting.count()
  counting.stop()
  await counted
  expect(counting.state.value).toBe('stopped')
  const asking = job({})
  await asking.count()
  asking.stop()
  expect(asking.state.value).toBe('stopped')
  const running = job({
    run: ({ signal }) =>
      new Promise((_, fail) => signal.addEventListener('abort', () => fail(new Failed('relay-lost')))),
  })
  const run = running.run()
  running.stop()
  await run
  expect(running.state.value).toBe('stopped')
  expect(running.failure.value).toBeUndefined()
  const failing = job({ run: () => Promise.reject(new Failed('tree-too-deep')) })
  await failing.run()
  expect(failing.state.value).toBe('failed')
  expect(failing.failure.value?.code).toBe('tree-too-deep')
})

test('so many run at once and no more; the first failure ends it when what runs has ended', async () => {
  let [running, most, begun, ended] = [0, 0, 0, 0]
  const work = async (at: number) => {
    begun++
    most = Math.max(most, ++running)
    await new Promise((next) => setImmediate(next))
    running--
    if (at === 10) throw new Error('ten')
    ended++
  }
  await expect(
    atOnce(
      Array.from({ length: 100 }, (_, at) => at),
      4,
      work,
    ),
  ).rejects.toThrow('ten')
  expect(most).toBe(4)
  expect(running).toBe(0)
  expect(begun).toBeLessThan(20)
  expect(ended).toBe(begun - 1)
})
