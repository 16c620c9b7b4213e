import { expect, test } from 'vitest'
import { createLog } from '../../relay/log.ts'

function memory() {
  const lines: string[] = []
  const listeners: (() => void)[] = []
  const sink = {
    writableLength: 0,
    write: (line: string): unknown => lines.push(line),
    on: (_event: 'error', listener: () => void): unknown => listeners.push(listener),
  }
  return { lines, listeners, sink }
}

test('R-LOG-01 whatever stands in a field, it is one line of JSON that no terminal obeys', () => {
  const { lines, sink } = memory()
  const log = createLog(sink)
  const hostile = 'a\nb\r\u001b]0;owned\u0007\u009b31m\u202egpj.exe\u2028\u2029"},{"x":"\u200b\u{e0001}\0\ud800'
  log('event', { host: hostile, [hostile]: 1 })
  expect(lines).toHaveLength(1)
  const line = lines[0] ?? ''
  expect(line).toMatch(/^[^\n]*\n$/)
  expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/u)
  expect(JSON.parse(line)).toMatchObject({ event: 'event', host: hostile, [hostile]: 1 })
})

test('R-LOG-01 texts of any length stay lines that can be read', () => {
  const { lines, sink } = memory()
  createLog(sink)('event', { path: 'x'.repeat(1_000_000) })
  expect(lines[0]?.length).toBeLessThan(5000)
})

test('R-LOG-02 a reader who is slow or gone costs lines, never the relay, and their number is told', () => {
  const { lines, listeners, sink } = memory()
  const log = createLog(sink)
  sink.writableLength = 2 * 1024 * 1024
  log('lost')
  log('lost')
  sink.writableLength = 0
  const { write } = sink
  sink.write = () => {
    throw new Error('EPIPE')
  }
  log('lost as well')
  sink.write = write
  for (const listener of listeners) listener()
  log('kept')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { event: 'log-dropped', lines: expect.any(Number) },
    { event: 'kept' },
  ])
})
