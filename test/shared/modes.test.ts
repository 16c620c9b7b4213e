import headless from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import { Modes } from '../../shared/modes.ts'

function open() {
  const terminal = new headless.Terminal({ allowProposedApi: true, cols: 80, rows: 24 })
  const modes = new Modes(terminal.parser)
  return { terminal, modes, write: (data: string) => new Promise<void>((done) => terminal.write(data, done)) }
}

describe('the modes that a snapshot lacks', () => {
  it('are followed and can be set again', async () => {
    const { modes, write } = open()
    expect(modes.sequences()).toBe('')
    await write('\u001b[?25l\u001b[?1002;1006h\u001b[5;20r')
    expect(modes.sequences()).toBe('\u001b7\u001b[5;20r\u001b8\u001b[?1006h\u001b[?25l')
    modes.resized()
    expect(modes.sequences()).toBe('\u001b[?1006h\u001b[?25l')
    await write('\u001b[?25h\u001b[?1006l')
    expect(modes.sequences()).toBe('')
  })

  it.each(['\u001b[!p', '\u001bc'])('are gone after a reset by %j', async (reset) => {
    const { modes, write } = open()
    await write('\u001b[?25l\u001b[5;20r')
    await write(reset)
    expect(modes.sequences()).toBe('')
  })

  it('know the scroll region of each screen', async () => {
    const { modes, write } = open()
    await write('\u001b[2;9r\u001b[?1049h')
    expect(modes.sequences()).toBe('')
    await write('\u001b[3;20r')
    expect(modes.sequences()).toBe('\u001b7\u001b[3;20r\u001b8')
    await write('\u001b[?1049l')
    expect(modes.sequences()).toBe('\u001b7\u001b[2;9r\u001b8')
    await write('\u001b[?1049h')
    expect(modes.sequences()).toBe('')
  })

  it('are the title and the directory too, whatever resets the rest', async () => {
    const { modes, write } = open()
    await write('\u001b]0;one\u0007\u001b]2;two\u001b\\\u001b]7;file://host/home\u0007\u001bc')
    expect(modes.sequences()).toBe('\u001b]2;two\u0007\u001b]7;file://host/home\u0007')
  })
})
