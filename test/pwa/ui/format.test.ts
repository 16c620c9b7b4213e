import { describe, expect, it } from 'vitest'
import { agoText, countText, dateText, durationText, hostText, sizeText } from '../../../pwa/ui/format.ts'

describe('format', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [4100, '4.10 kB'],
    [41_000, '41.0 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [1_920_000_000, '1.92 GB'],
    [9e18, '9000 PB'],
  ])('shows %d bytes as %s', (bytes, text) => expect(sizeText(bytes)).toBe(text))

  it.each([
    [0.2, '<1 ms'],
    [41.6, '42 ms'],
    [1_340, '1.3 s'],
    [12_400, '12 s'],
  ])('shows %d ms as %s', (ms, text) => expect(durationText(ms)).toBe(text))

  it.each([
    [-50, '0 s'],
    [12_000, '12 s'],
    [240_000, '4 min'],
    [7_300_000, '2 h'],
    [90_000_000, '1 day'],
    [300_000_000, '3 days'],
  ])('shows %d ms ago as %s', (ms, text) => expect(agoText(ms)).toBe(text))

  it('shows a date as short as it can be told from others', () => {
    const now = new Date(2026, 10, 21, 12, 0)
    expect(dateText(new Date(2026, 10, 21, 9, 5), now)).toBe('today 09:05')
    expect(dateText(new Date(2026, 10, 20, 23, 59), now)).toBe('yesterday')
    expect(dateText(new Date(2026, 10, 3), now)).not.toContain('2026')
    expect(dateText(new Date(2024, 2, 3), now)).toContain('2024')
  })

  it('counts one thing and several', () => {
    expect(countText(1, 'key')).toBe('1 key')
    expect(countText(0, 'key')).toBe('0 keys')
    expect(countText(2, 'entry', 'entries')).toBe('2 entries')
  })
})

it('a host of other letters is shown as it is sent, and as it is read', () => {
  expect(hostText('xn--mnchen-3ya.de')).toBe('xn--mnchen-3ya.de (münchen.de)')
  expect(hostText('web1.example')).toBe('web1.example')
})
