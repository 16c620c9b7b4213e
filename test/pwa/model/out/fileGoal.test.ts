import { expect, test } from 'vitest'
import { Failed } from '../../../../pwa/model/failure.ts'
import { FileGoal } from '../../../../pwa/model/out/fileGoal.ts'
import { memoryOutlets } from '../../../harness/memoryOutlet.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test('one file leaves under its own name and with its size', async () => {
  const { open, left } = memoryOutlets()
  const goal = new FileGoal(open)
  const sink = await goal.open(['../a\u202eb.txt'], 6)
  await sink.write(0, bytes('abc'))
  await sink.write(3, bytes('def'))
  await sink.close()
  await goal.close()
  expect(left).toMatchObject([
    { state: 'whole', head: { name: '_a_b.txt', size: 6, type: 'application/octet-stream' } },
  ])
  expect(left[0]?.bytes().toString()).toBe('abcdef')
})

test('an empty file leaves too; one that cannot be read is never seen', async () => {
  const { open, left } = memoryOutlets()
  const empty = new FileGoal(open)
  await (await empty.open(['empty'], 0)).close()
  await empty.close()
  expect(left.map(({ state }) => state)).toEqual(['whole'])

  const locked = new FileGoal(open)
  await (await locked.open(['locked'], 5)).abort(false)
  await locked.fail()
  expect(left.length).toBe(1)
})

test('S-XFR-01 after a cut it goes on where it was, in the same download', async () => {
  const { open, left } = memoryOutlets()
  const goal = new FileGoal(open)
  const first = await goal.open(['a'], 6)
  await first.write(0, bytes('abc'))
  await first.abort(true)
  const second = await goal.open(['a'], 6)
  expect(second.have).toBe(3)
  await second.write(3, bytes('def'))
  await second.close()
  expect(left.map((one) => one.bytes().toString())).toEqual(['abcdef'])
  await expect(goal.open(['a'], 7)).rejects.toMatchObject({ failure: { code: 'changed-meanwhile' } })
})

test('S-XFR-02 too few bytes and too many are a failure, never a whole file', async () => {
  const { open, left } = memoryOutlets()
  const short = new FileGoal(open)
  const sink = await short.open(['a'], 6)
  await sink.write(0, bytes('abc'))
  await expect(sink.close()).rejects.toMatchObject({ failure: { code: 'wrong-size', message: 'Got 3 of 6 bytes' } })
  await expect(sink.write(3, bytes('defg'))).rejects.toMatchObject({ failure: { code: 'wrong-size' } })
  await expect(sink.write(0, bytes('a'))).rejects.toThrow(Failed)
  await short.close()
  expect(left[0]?.state).toBe('failed')
})

test('a download that is cancelled in the browser is told', async () => {
  const { open, left } = memoryOutlets()
  const goal = new FileGoal(open)
  const sink = await goal.open(['a'], 6)
  await sink.write(0, bytes('abc'))
  const reason = new Failed('download-cancelled')
  const { ended } = goal
  left[0]?.cancel(reason)
  expect(ended.reason).toBe(reason)
  await expect(sink.write(3, bytes('def'))).rejects.toBe(reason)
  await goal.fail()
  expect(left.map(({ state }) => state)).toEqual(['failed'])
})
