import { expect, test } from 'vitest'
import { StderrMarks } from '../../relay/stderrMarks.ts'

test('every byte is told to be of the stream that it came on, whatever the pieces', () => {
  const marks = new StderrMarks()
  const streams: boolean[] = []
  // A fixed sequence that changes often, seldom, and not at all.
  for (let piece = 0; piece < 5000; piece += 1) {
    const stderr = (piece * piece) % 7 > 3 || (piece > 3000 && piece < 3500)
    marks.mark(streams.length, stderr)
    for (let byte = 0; byte <= piece % 3; byte += 1) streams.push(stderr)
  }
  const told: boolean[] = []
  while (told.length < streams.length) {
    const { stderr, until } = marks.at(told.length)
    expect(until).toBeGreaterThan(told.length)
    const length = Math.min(until, told.length + 5, streams.length) - told.length
    for (let byte = 0; byte < length; byte += 1) told.push(stderr)
  }
  expect(told).toEqual(streams)
})

test('an output without standard error has no change', () => {
  const marks = new StderrMarks()
  marks.mark(0, false)
  marks.mark(10, false)
  expect(marks.at(0)).toEqual({ stderr: false, until: Number.POSITIVE_INFINITY })
})
