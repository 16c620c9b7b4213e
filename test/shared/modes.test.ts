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
    await write('\u001b[?25l\u001b[?1002;1006h')
    expect(modes.sequences()).toBe('\u001b[?1006h\u001b[?25l')
    await write('\u001b[?25h\u001b[?1006l')
    expect(modes.sequences()).toBe('')
  })

  it.each(['\u001b[!p', '\u001bc'])('are gone after a reset by %j', async (reset) => {
    const { modes, write } = open()
    await write('\u001b[?25l\u001b[?1006h')
    await write(reset)
    expect(modes.sequences()).toBe('')
  })

  it('are the colours that were set, and not those that were taken back or asked for', async () => {
    const { modes, write } = open()
    await write(
      '\u001b]4;1;red;300;red;2;?\u0007\u001b]4;7;#123456\u001b\\\u001b]10;white;black\u0007\u001b]12;?\u0007',
    )
    expect(modes.sequences()).toBe(
      '\u001b]4;1;red\u0007\u001b]4;7;#123456\u0007\u001b]10;white\u0007\u001b]11;black\u0007',
    )
    await write('\u001b]104;1\u0007\u001b]110\u0007')
    expect(modes.sequences()).toBe('\u001b]4;7;#123456\u0007\u001b]11;black\u0007')
    await write('\u001b]104\u0007\u001b]111\u0007')
    expect(modes.sequences()).toBe('')
  })

  it('are the title and the directory too, whatever resets the rest', async () => {
    const { modes, write } = open()
    await write('\u001b]0;one\u0007\u001b]2;two\u001b\\\u001b]7;file://host/home\u0007\u001bc')
    expect(modes.sequences()).toBe('\u001b]2;two\u0007\u001b]7;file://host/home\u0007')
  })
})
