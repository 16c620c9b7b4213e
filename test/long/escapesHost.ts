import { appendFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { hostileStreams } from '../harness/hostileStreams.ts'

// Runs on the host, on a terminal that is raw: prints streams, and keeps in a file what the terminal answers to them.
const [seed = 0, count = 0] = process.argv.slice(2, 4).map(Number)
const file = process.argv[4] ?? ''
/** Bytes that are written at once. */
const BLOCK = 64 * 1024

let answers = ''
let heard = () => {}
process.stdin.on('data', (data) => {
  answers += data.toString('latin1')
  heard()
})

const write = (text: string) => new Promise<void>((done) => process.stdout.write(text, 'latin1', () => done()))

const next = hostileStreams(seed)
let block = ''
for (let made = 0; made < count; made++) {
  block += next()
  if (block.length < BLOCK && made < count - 1) continue
  await write(block)
  block = ''
  // Writing to a terminal keeps the loop; what was answered meanwhile would fill the terminal's queue.
  await setImmediate()
}
await write('\u0018\u001b\\\u001b[!p\u001bc')

// What is answered last comes last: after it the shell may read again. A terminal that has answered too much of late does not.
for (let mode = 60_000, over = false; !over; mode++) {
  const last = `\u001b[?${mode};0$y`
  const answered = new Promise<boolean>((settle) => {
    const waiting = setTimeout(() => settle(false), 1100)
    heard = () => {
      if (!answers.endsWith(last)) return
      clearTimeout(waiting)
      settle(true)
    }
  })
  await write(`\u001b[?${mode}$p`)
  over = await answered
}
appendFileSync(file, answers, 'latin1')
process.exit()
