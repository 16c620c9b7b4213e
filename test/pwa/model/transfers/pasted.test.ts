import { describe, expect, it } from 'vitest'
import { takePasted } from '../../../../pwa/model/transfers/pasted.ts'
import { pathsOf } from './fakeFiles.ts'

const now = new Date(2026, 10, 21, 10, 15, 0)

function clipboard(...files: File[]): DataTransfer {
  const items = files.map((file) => ({ kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => file }))
  // Of a DataTransfer only items and files are read.
  return { items, files } as unknown as DataTransfer
}

describe('a paste', () => {
  it('calls a picture without a name after the moment', async () => {
    const taken = takePasted(clipboard(new File(['png'], 'image.png', { type: 'image/png' })), now)
    expect(taken?.names).toEqual(['pasted-2026-11-21-101500.png'])
    expect(await pathsOf(taken)).toEqual(['pasted-2026-11-21-101500.png'])
  })

  it('leaves files that have names, and several pictures, as they are called', async () => {
    const named = takePasted(
      clipboard(new File([], 'report.pdf'), new File([], 'image.png', { type: 'image/png' })),
      now,
    )
    expect(named?.names).toEqual(['report.pdf', 'image.png'])
    expect(takePasted(clipboard(new File([], 'image.txt', { type: 'text/plain' })), now)?.names).toEqual(['image.txt'])
  })

  it('without files is none', () => {
    expect(takePasted(clipboard(), now)).toBeUndefined()
  })
})
