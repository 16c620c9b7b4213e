import { expect, it } from 'vitest'
import { isoTime } from '../../../relay/sftp/isoTime.ts'
import { chance } from '../../harness/chance.ts'

it('writes seconds as Date does, of whatever day follows on whatever day', () => {
  const random = chance(7)
  const edges = [0, 1, 86_399, 86_400, 951_782_400, 1_709_164_800, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]
  const some = Array.from({ length: 2_000 }, () => random(2 ** 32))
  for (const seconds of [...edges, ...some, ...some.map((one, at) => (some[at - 1] ?? one) + (at % 60))])
    expect(isoTime(seconds)).toBe(new Date(seconds * 1000).toISOString())
})
