import { unicodeHost } from '../../shared/hostName.ts'

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Bytes in powers of 1,000 with three figures: `0 B`, `4.1 kB`, `1.92 GB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${Math.trunc(bytes)} B`
  let value = bytes
  let unit = 0
  // 999.5 would be shown as 1000 of its unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${units[unit]}`
}

/** Milliseconds as a person reads them: `<1 ms`, `42 ms`, `1.3 s`. */
export function durationText(ms: number): string {
  if (ms < 1) return '<1 ms'
  if (ms < 1000) return `${Math.round(ms)} ms`
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
}

/** How long ago something was, in its largest unit: `12 s`, `4 min`, `2 h`, `3 days`. */
export function agoText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  const days = Math.floor(seconds / 86_400)
  return days === 1 ? '1 day' : `${days} days`
}

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const thisYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const otherYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

/** A date as short as it can be told from others: `today 11:02`, `yesterday`, `12 Nov`, `3 Mar 2024`. */
export function dateText(date: Date, now: Date): string {
  const dayOf = (of: Date) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime()
  const days = Math.round((dayOf(now) - dayOf(date)) / 86_400_000)
  if (days === 0) return `today ${time.format(date)}`
  if (days === 1) return 'yesterday'
  return (date.getFullYear() === now.getFullYear() ? thisYear : otherYear).format(date)
}

/** The time of a day: `11:02`. */
export function timeText(date: Date): string {
  return time.format(date)
}

/** A date with nothing left out. */
export function wholeDateText(date: Date): string {
  return whole.format(date)
}

/** One thing or several: `1 key`, `3 keys`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`
}

/** A host's name as it is sent, and beside it as it is read where the two differ: `xn--mnchen-3ya.de (münchen.de)`. */
export function hostText(host: string): string {
  const read = unicodeHost(host)
  return read === host ? host : `${host} (${read})`
}
