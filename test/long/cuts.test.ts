import { expect, test } from 'vitest'
import { startCut } from '../harness/cut.ts'
import { startTestRelay } from '../harness/relay.ts'
import { streamThroughCuts } from '../harness/returning.ts'
import { startSshd } from '../harness/sshd.ts'

test('N-RPL-01 five hundred cuts in the middle of a stream both ways: both arrive exactly', async () => {
  const sshd = await startSshd()
  // As large as it may be: what the server says while the network is away must fit.
  const relay = await startTestRelay({ limits: { log: 256 * 1024 * 1024 } })
  const cut = await startCut(relay.port)
  const { host, port, username, password } = sshd
  const streamed = await streamThroughCuts(
    cut,
    { sessionId: 'long', host, port, username, password, interactive: true, binary: true } as { sessionId: string },
    500,
  )
  expect(streamed).toMatchObject({ lost: 0, doubled: 0, bytes: streamed.expectedBytes, output: streamed.expected })
  expect(streamed.attached).toBeGreaterThan(250)
  await cut.close()
  await relay.close()
  await sshd.close()
})
