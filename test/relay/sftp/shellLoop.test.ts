import { Duplex, PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { type ExecChannel, ShellLoop } from '../../../relay/sftp/shellLoop.ts'
import { Refusal } from '../../../shared/failure.ts'

/** A host that answers each line as it is told, in pieces of so many bytes. */
function host(answer: (mark: string) => string | Buffer, piece = Number.POSITIVE_INFINITY): ExecChannel {
  const channel: Duplex = new Duplex({
    read: () => undefined,
    write: (line: Buffer, _encoding, done) => {
      const [, mark] = / ([0-9a-f]{32})$/.exec(line.toString().trim()) ?? []
      const bytes = mark === undefined ? Buffer.alloc(0) : Buffer.from(answer(mark))
      for (let at = 0; at < bytes.length; at += piece) channel.push(bytes.subarray(at, at + piece))
      done()
    },
  })
  return Object.assign(channel, { stderr: new PassThrough() })
}

const well = (output: string) => (mark: string) => `${output}${mark} 0\n\n${mark}\n`
const start = (channel: ExecChannel) => ShellLoop.start(async () => channel, 30_000)

test('an answer is the same in whatever pieces it comes, and the next is not touched by it', async () => {
  for (const piece of [1, 7, 31, 33, 1000]) {
    let turn = 0
    const loop = await start(host((mark) => `out ${turn++}\0${mark} 3\nwhat went wrong\n${mark}\n`, piece))
    const answers = await Promise.all([loop.run('one', 100), loop.run('two', 100)])
    expect(answers.map(({ output, ...rest }) => ({ output: output.toString(), ...rest }))).toEqual([
      { output: 'out 1\0', status: 3, complaint: 'what went wrong' },
      { output: 'out 2\0', status: 3, complaint: 'what went wrong' },
    ])
    loop.close()
  }
})

test('more than a line may say ends the shell, with or without an end of it', async () => {
  for (const last of [(mark: string) => `${mark} 0\n`, () => '']) {
    let begun = false
    const channel = host((mark) => {
      const answer = begun ? 'x'.repeat(200_000) + last(mark) : well('')(mark)
      begun = true
      return answer
    }, 16_384)
    const loop = await start(channel)
    let over = false
    loop.onEnd = () => {
      over = true
    }
    await expect(loop.run('cat', 100_000)).rejects.toMatchObject({ code: 'bad-reply' })
    expect(over).toBe(true)
    expect(channel.destroyed).toBe(true)
    await expect(loop.run('more', 100)).rejects.toBeInstanceOf(Refusal)
  }
})
