import { expect, it } from 'vitest'
import { decodeName, encodeName } from '../../shared/fileName.ts'
import { partPath } from '../../shared/partPath.ts'

const name = (path: string) => path.slice(path.lastIndexOf('/') + 1)

it('lies beside its place, hidden, and is told by its ending', () => {
  expect(partPath('/a/b.txt', 'abc0')).toBe('/a/.b.txt.abc0.part')
  expect(partPath('/b', 'abc0', 'old')).toBe('/.b.abc0.old')
  expect(partPath('b/', 'abc0')).toBe('.b.abc0.part')
})

it.each(['x'.repeat(255), 'é'.repeat(127), '𝄞'.repeat(63), decodeName(new Uint8Array(255).fill(0xff))])(
  'fits where the name itself just fits, and cuts no character (%#)',
  (long) => {
    const cut = name(partPath(`/a/${long}`, '0123456789abz'))
    expect(encodeName(cut).length).toBeLessThanOrEqual(255)
    expect(encodeName(cut).length).toBeGreaterThan(250)
    expect(decodeName(encodeName(cut))).toBe(cut)
  },
)
