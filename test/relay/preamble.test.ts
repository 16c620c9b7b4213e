import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { watchPreamble } from '../../relay/preamble.ts'

/** What is told of a server that sends these chunks, one after the other. */
async function told(...chunks: string[]): Promise<string[]> {
  const stream = new PassThrough()
  const said: string[] = []
  watchPreamble(stream, { found: () => said.push('found'), tooLong: () => said.push('too long') })
  for (const chunk of chunks) stream.write(chunk, 'latin1')
  stream.end()
  await once(stream, 'end')
  return said
}

test('a server is known by a line that begins with SSH-, however it is cut', async () => {
  const greeting = 'Welcome\r\nSSH-2.0-OpenSSH_9.2p1\r\n'
  expect(await told('SSH-2.0-x\r\n')).toEqual(['found'])
  expect(await told(...greeting)).toEqual(['found'])
  for (let at = 1; at < greeting.length; at += 1)
    expect(await told(greeting.slice(0, at), greeting.slice(at))).toEqual(['found'])
})

test('what stands in the middle of a line is none', async () => {
  expect(await told('HTTP/1.1 400 no SSH-2.0 here\r\n')).toEqual([])
  expect(await told('x', 'SSH-2.0-x\r\n')).toEqual([])
})

test('beyond 64 KiB nobody listens for it any more', async () => {
  const half = `${'x'.repeat(32 * 1024 - 1)}\n`
  expect(await told(half, half, 'SSH-2.0-x\r\n')).toEqual(['found'])
  expect(await told(half, half, 'x', '\nSSH-2.0-x\r\n')).toEqual(['too long'])
})
