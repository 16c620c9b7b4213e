import { expect, test } from 'vitest'
import {
  bitState,
  changedMode,
  commonMode,
  isWhole,
  octalText,
  readOctal,
  wholeMode,
  withBit,
} from '../../../../pwa/model/files/modes.ts'

test('what files have in common is set or cleared, and where they differ it stays', () => {
  const change = commonMode([0o100644, 0o104755])
  expect(bitState(change, 0o400)).toBe(true)
  expect(bitState(change, 0o020)).toBe(false)
  expect(bitState(change, 0o100)).toBeUndefined()
  expect(bitState(change, 0o4000)).toBeUndefined()
  expect(octalText(change)).toBe('')
  expect([0o644, 0o4755].map((mode) => changedMode(mode, change))).toEqual([0o644, 0o4755])
  expect(commonMode([])).toEqual({ set: 0, clear: 0 })
})

test('a bit that is decided changes it in all, and no other', () => {
  const change = withBit(commonMode([0o644, 0o755]), 0o100, true)
  expect([0o644, 0o755].map((mode) => changedMode(mode, change))).toEqual([0o744, 0o755])
  expect(withBit(change, 0o100, undefined)).toEqual(commonMode([0o644, 0o755]))
  expect(bitState(withBit(change, 0o100, false), 0o100)).toBe(false)
})

test('a whole mode leaves nothing as it is, and is written as chmod takes it', () => {
  for (const mode of [0, 0o644, 0o4755, 0o7777]) {
    expect(isWhole(wholeMode(mode))).toBe(true)
    expect(changedMode(0o100777, wholeMode(mode))).toBe(mode)
    expect(readOctal(octalText(wholeMode(mode)))).toBe(mode)
  }
  expect(octalText(wholeMode(0o7))).toBe('007')
})

test('only three or four octal digits are read', () => {
  expect(['644', '0644', '4755', '04755', '000'].map(readOctal)).toEqual([0o644, 0o644, 0o4755, 0o4755, 0])
  for (const junk of ['', '64', '648', '12345', '77777', '0o644', '-644', '6 4', '6.4']) {
    expect(readOctal(junk), junk).toBeUndefined()
  }
})
