import { describe, expect, it } from 'vitest'
import { fromHardware, type Press } from '../../../../pwa/ui/touch/hardware.ts'

const press = (of: Partial<Press> = {}): Press => ({ isTrusted: true, code: 'KeyA', key: 'a', ...of })

describe('fromHardware', () => {
  it.each([
    ['a letter with nothing over the screen', press(), 0, true],
    ['a letter under the hints of a hardware keyboard', press(), 69, true],
    ['a letter while a keyboard covers the screen', press(), 260, false],
    ['an Android keyboard, which does not say which key', press({ code: '', key: 'Unidentified' }), 0, false],
    ['a keyboard that names no code', press({ code: '' }), 0, false],
    ['a key of the key bar', press({ isTrusted: false, code: 'Escape', key: 'Escape' }), 0, false],
  ])('%s', (_what, of, covered, expected) => expect(fromHardware(of, covered)).toBe(expected))
})
