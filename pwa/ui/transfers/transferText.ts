import type { Summary, TransferView } from '../../model/transfers/transferView.ts'
import { countText, sizeText } from '../format.ts'

/** Seconds as a rough time that is left: `a few seconds`, `40 s`, `2 min`, `3 h 20 min`, `2 days`. Pure. */
export function leftText(seconds: number): string {
  if (seconds < 5) return 'a few seconds left'
  if (seconds < 55) return `${Math.ceil(seconds / 5) * 5} s left`
  const minutes = Math.max(1, Math.round(seconds / 60))
  if (minutes < 60) return `${minutes} min left`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h left` : `${hours} h ${minutes % 60} min left`
  return `${Math.round(hours / 24)} days left`
}

/** Bytes a second: `4.10 MB/s`. Pure. */
export function rateText(rate: number): string {
  return `${sizeText(rate)}/s`
}

/** The whole of what goes on, as the status line has it; undefined where there is nothing to say. Pure. */
export function summaryText(
  items: readonly Pick<TransferView, 'kind' | 'state' | 'files' | 'filesDone'>[],
  { rate, left }: Pick<Summary, 'rate' | 'left'>,
): { sign: '↑' | '↓' | '⇄' | ''; text: string; alarm: boolean } | undefined {
  const of = (...states: TransferView['state'][]) => items.filter(({ state }) => states.includes(state))
  const sum = (of: typeof items, key: 'files' | 'filesDone') => of.reduce((total, item) => total + item[key], 0)
  const calls = of('asking', 'needs-file')
  const failed = of('failed').length
  const going = of('running', 'queued')
  if (going.length > 0) {
    const kinds = new Set(going.map(({ kind }) => kind))
    const sign = kinds.size > 1 || kinds.has('copy') ? '⇄' : kinds.has('upload') ? '↑' : '↓'
    const parts = [`${sum(going, 'filesDone').toLocaleString()} of ${sum(going, 'files').toLocaleString()}`]
    if (rate > 0) parts.push(rateText(rate))
    if (left !== undefined) parts.push(leftText(left))
    if (calls.length > 0) parts.push(countText(calls.length, 'question'))
    return { sign, text: parts.join(' · '), alarm: calls.length > 0 }
  }
  if (calls.length > 0) {
    const text = `${countText(calls.length, 'transfer')} ${calls.length === 1 ? 'needs' : 'need'} you`
    return { sign: '', text, alarm: true }
  }
  const waiting = of('waiting').length
  if (waiting > 0)
    return { sign: '', text: `${countText(waiting, 'transfer')} ${waiting === 1 ? 'waits' : 'wait'}`, alarm: false }
  const paused = of('paused').length
  if (paused > 0) return { sign: '', text: `${countText(paused, 'transfer')} paused`, alarm: false }
  if (failed > 0) return { sign: '', text: `${countText(failed, 'transfer')} failed`, alarm: true }
  const done = of('done').length
  return done > 0 ? { sign: '', text: `${countText(done, 'transfer')} done`, alarm: false } : undefined
}

/** How far a transfer is, in words. Pure. */
export function progressText(
  item: Pick<TransferView, 'state' | 'listing' | 'bytes' | 'total' | 'files' | 'filesDone' | 'rate' | 'left'>,
): string {
  const { state, listing, bytes, total, files, filesDone, rate, left } = item
  const parts: string[] = []
  if (state === 'done') return [countText(filesDone, 'file'), sizeText(bytes)].join(' · ')
  const more = listing ? ' or more' : ''
  if (files > 1) parts.push(`${filesDone.toLocaleString()} of ${countText(files, 'file')}${more}`)
  parts.push(total > 0 ? `${sizeText(bytes)} of ${sizeText(total)}` : sizeText(bytes))
  if (state === 'running' && rate > 0) parts.push(rateText(rate))
  if (state === 'running' && left !== undefined) parts.push(leftText(left))
  return parts.join(' · ')
}
