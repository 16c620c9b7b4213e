import { describe, expect, it } from 'vitest'
import { seekName } from '../../../../pwa/ui/files/seek.ts'
import type { FileInfo } from '../../../../shared/fileInfo.ts'

const files = ['alpha', 'Beta', 'bravo', 'charlie'].map((name) => ({ name }) as FileInfo)

describe('seekName', () => {
  it('finds from the current entry on, and around, without regard to case', () => {
    expect(seekName(files, 'b', -1)).toBe(1)
    expect(seekName(files, 'b', 2)).toBe(2)
    expect(seekName(files, 'BE', 2)).toBe(1)
  })

  it('stays where nothing begins so', () => {
    expect(seekName(files, 'x', 2)).toBe(2)
    expect(seekName([], 'x', -1)).toBe(-1)
  })
})
