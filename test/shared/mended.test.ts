import headless from '@xterm/headless'
import { expect, it } from 'vitest'
import { mend } from '../../shared/mended.ts'

function open(scrollback = 1000) {
  const terminal = new headless.Terminal({ allowProposedApi: true, cols: 10, rows: 4, scrollback })
  const failed: unknown[] = []
  mend(terminal, (error) => failed.push(error))
  return {
    terminal,
    failed,
    write: (data: string) => new Promise<void>((done) => terminal.write(data, done)),
    lines: () =>
      Array.from(
        { length: 4 },
        (_, row) => terminal.buffer.active.getLine(terminal.buffer.active.baseY + row)?.translateToString(true) ?? '',
      ),
  }
}

it.each(['', '?'])(
  'an erase with %j up to the last cell of a screen without scrollback erases the screen',
  async (of) => {
    const { write, lines, failed } = open(0)
    await write(`one\u001b[4;10Hx\u001b[${of}1J\u001b[Hafter`)
    expect(lines()).toEqual(['after', '', '', ''])
    expect(failed).toEqual([])
  },
)

const huge = 2_147_483_647

it.each(['L', 'M', 'S', 'T'])('T-ESC-01 CSI %s moves no more lines than the screen has', async (final) => {
  const { write, lines } = open()
  await write(`one\r\ntwo\u001b[H\u001b[${huge}${final}\u001b[Hafter`)
  expect(lines()).toEqual(['after', '', '', ''])
})

it('T-ESC-01 tabs go to the ends of the line however many there are', async () => {
  const { write, lines } = open()
  await write(`\u001b[${huge}Ix\r\n12345\u001b[${huge}Zy`)
  expect(lines()).toEqual(['         x', 'y2345', '', ''])
})

it('T-ESC-01 a character is repeated until the screen is full of it', async () => {
  const { write, lines, failed } = open()
  await write(`a\u001b[${huge}b`)
  expect(lines()).toEqual(['aaaaaaaaaa', 'aaaaaaaaaa', 'aaaaaaaaaa', 'a'])
  await write('\r\u001b[Kb\u001b[3b')
  expect(lines()[3]).toBe('bbbb')
  expect(failed).toEqual([])
})

it('T-ESC-01 a cell takes as many marks as any writing has', async () => {
  const { write, lines, failed } = open()
  await write(`a${'\u0301'.repeat(200_000)}b\r\nq${'\u0323\u0302'.repeat(15)}z`)
  expect(lines()[0]?.length).toBeLessThan(100)
  expect(lines()[0]?.at(-1)).toBe('b')
  expect(lines()[1]).toBe(`q${'\u0323\u0302'.repeat(15)}z`)
  await write(`\r\nc${'\u0301'.repeat(1000)}\u001b[${huge}b`)
  expect(lines().join('').length).toBeLessThan(40 * 65)
  expect(failed).toEqual([])
})

it('T-ESC-01 a list of colours is as long as a palette may need, or nothing', async () => {
  const { write, lines } = open()
  await write(`\u001b]4;${'1;'.repeat(300_000)}\u0007\u001b]104;${'1;'.repeat(300_000)}\u0007after`)
  expect(lines()[0]).toBe('after')
})

it('T-ESC-01 links are marked in as many lines as can be followed, and nothing of them outlives a reset', async () => {
  const { terminal, write, lines } = open()
  await write(`\u001b]8;;https://example.org/\u0007${'open\r\n'.repeat(900)}`)
  expect(terminal.markers).toHaveLength(100)
  await write(`\u001b]8;;\u0007${'\u001b]8;;https://example.org/\u0007l\u001b]8;;\u0007\r'.repeat(5000)}`)
  expect(terminal.markers.length).toBeLessThanOrEqual(2001)
  const disposed = new Set<number>()
  for (const marker of terminal.markers) marker.onDispose(() => disposed.add(marker.id))
  const { length } = terminal.markers
  await write('\u001b[?1049h\u001b]8;;https://example.org/\u0007l\u001bcafter')
  expect(disposed.size).toBe(length)
  expect(terminal.markers).toHaveLength(0)
  expect(lines()[0]).toBe('after')
})

it('what throws is told, and what follows is drawn', async () => {
  const { terminal, write, lines, failed } = open()
  terminal.parser.registerOscHandler(9999, () => {
    throw new Error('no')
  })
  await write('\u001b]9999;x\u0007')
  await write('after')
  expect(failed).toEqual([new Error('no')])
  expect(lines()[0]).toBe('after')
})
