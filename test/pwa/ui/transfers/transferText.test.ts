import { describe, expect, it } from 'vitest'
import { leftText, progressText, summaryText } from '../../../../pwa/ui/transfers/transferText.ts'

type Items = Parameters<typeof summaryText>[0]

const still = { rate: 0, left: undefined }
const item = (state: Items[number]['state'], kind: Items[number]['kind'] = 'upload', filesDone = 0, files = 1) => ({
  state,
  kind,
  files,
  filesDone,
})

describe('the line about transfers', () => {
  it('says nothing where there are none', () => {
    expect(summaryText([], still)).toBeUndefined()
    expect(summaryText([item('cancelled')], still)).toBeUndefined()
  })

  it('counts files of what goes on, with rate and time left', () => {
    const items = [item('running', 'upload', 3, 100), item('queued', 'upload', 0, 20), item('done', 'upload', 9, 9)]
    expect(summaryText(items, { rate: 4_100_000, left: 118 })).toEqual({
      sign: '↑',
      text: '3 of 120 · 4.10 MB/s · 2 min left',
      alarm: false,
    })
  })

  it('shows the direction, or that there are both', () => {
    expect(summaryText([item('running', 'download')], still)?.sign).toBe('↓')
    expect(summaryText([item('running', 'download'), item('running')], still)?.sign).toBe('⇄')
    expect(summaryText([item('running', 'copy')], still)?.sign).toBe('⇄')
  })

  it('calls for the person where a transfer cannot go on without', () => {
    expect(summaryText([item('asking'), item('running')], still)).toMatchObject({
      text: '0 of 1 · 1 question',
      alarm: true,
    })
    expect(summaryText([item('needs-file')], still)).toMatchObject({ text: '1 transfer needs you', alarm: true })
    expect(summaryText([item('needs-file'), item('asking')], still)?.text).toBe('2 transfers need you')
    expect(summaryText([item('failed'), item('done')], still)).toMatchObject({ text: '1 transfer failed', alarm: true })
  })

  it('says what rests', () => {
    expect(summaryText([item('waiting')], still)?.text).toBe('1 transfer waits')
    expect(summaryText([item('waiting'), item('waiting')], still)?.text).toBe('2 transfers wait')
    expect(summaryText([item('paused')], still)?.text).toBe('1 transfer paused')
    expect(summaryText([item('done'), item('done')], still)?.text).toBe('2 transfers done')
  })
})

it('writes the time left as roughly as it is known', () => {
  const texts = [0, 4.9, 5, 12, 54, 55, 100, 3_599, 3_600, 3_660, 172_799, 172_800].map(leftText)
  expect(texts).toEqual([
    'a few seconds left',
    'a few seconds left',
    '5 s left',
    '15 s left',
    '55 s left',
    '1 min left',
    '2 min left',
    '1 h left',
    '1 h left',
    '1 h 1 min left',
    '2 days left',
    '2 days left',
  ])
})

it('says how far a transfer is, and that it is still being counted', () => {
  const running = {
    state: 'running',
    listing: true,
    bytes: 5e6,
    total: 1e7,
    files: 20,
    filesDone: 7,
    rate: 1e6,
    left: 5,
  } as const
  expect(progressText(running)).toBe('7 of 20 files or more · 5.00 MB of 10.0 MB · 1.00 MB/s · 5 s left')
  expect(progressText({ ...running, state: 'paused', listing: false, files: 1 })).toBe('5.00 MB of 10.0 MB')
  expect(progressText({ ...running, state: 'done', listing: false, bytes: 1e7 })).toBe('7 files · 10.0 MB')
})
