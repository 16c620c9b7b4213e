import headless from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import { settling } from '../../../pwa/terminal/settling.ts'

function open() {
  const terminal = new headless.Terminal({ allowProposedApi: true, cols: 80, rows: 24 })
  return { terminal, write: (data: string) => new Promise<void>((done) => terminal.write(data, done)) }
}

describe('settling', () => {
  it('T-ESC-05 what a program left on is taken back, what it showed stays', async () => {
    const { terminal, write } = open()
    await write(
      'shown before\r\n\u001b[?1h\u001b[?1003;1004;1006;2004h\u001b[?25l\u001b[4h\u001b[31m\u001b[?1049h\u001b[2Jin vim\u001b]0;open',
    )
    expect(terminal.buffer.active.type).toBe('alternate')
    await write(settling)
    expect(terminal.buffer.active.type).toBe('normal')
    expect(terminal.modes).toMatchObject({
      applicationCursorKeysMode: false,
      bracketedPasteMode: false,
      insertMode: false,
      mouseTrackingMode: 'none',
      sendFocusMode: false,
      wraparoundMode: true,
    })
    await write('\r\nplain')
    const lines = Array.from({ length: 24 }, (_, y) => terminal.buffer.active.getLine(y)?.translateToString(true))
    expect(lines).toContain('shown before')
    expect(lines).toContain('plain')
    const row = lines.indexOf('plain')
    expect(terminal.buffer.active.getLine(row)?.getCell(0)?.isFgDefault()).toBe(true)
  })

  it('leaves the cursor where the last line ended', async () => {
    const { terminal, write } = open()
    await write('one\r\ntwo\r\nthree')
    await write(settling)
    await write('!')
    const lines = Array.from({ length: 3 }, (_, y) => terminal.buffer.active.getLine(y)?.translateToString(true))
    expect(lines).toEqual(['one', 'two', 'three!'])
  })
})
