import { describe, expect, it } from 'vitest'
import { differing } from '../../../../pwa/ui/preview/differing.ts'

describe('the lines in which two texts differ', () => {
  it('are those between what they begin and end with alike', () => {
    expect(differing('a\nb\nc\nd', 'a\nX\nY\nc\nd')).toEqual({ mine: [1, 2], theirs: [1, 3] })
    expect(differing('a\nb', 'a\nb\nc')).toEqual({ mine: [2, 2], theirs: [2, 3] })
    expect(differing('same\nsame', 'same')).toEqual({ mine: [1, 2], theirs: [1, 1] })
    expect(differing('x', 'y')).toEqual({ mine: [0, 1], theirs: [0, 1] })
  })

  it('are none where the texts are equal', () => {
    const { mine, theirs } = differing('a\nb', 'a\nb')
    expect([mine[1] - mine[0], theirs[1] - theirs[0]]).toEqual([0, 0])
  })
})
