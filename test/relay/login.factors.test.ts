import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Answer, Prompt } from '../../shared/protocol.ts'
import { Client } from '../harness/client.ts'
import { startHostile } from '../harness/hostileServer.ts'
import { type PamSshd, startPamSshd } from '../harness/pamSshd.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { startSshd } from '../harness/sshd.ts'

const words = 'That was the code of yesterday.'
let sshd: PamSshd
let relay: TestRelay
const open: Client[] = []

beforeAll(async () => {
  sshd = await startPamSshd(words)
  relay = await startTestRelay()
})
afterEach(() => {
  for (const client of open.splice(0)) client.close()
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
})

let count = 0

/** Connects; host keys are accepted and notices taken, other questions go to `answer`. */
async function connect(to: object, answer: (prompt: Prompt, turn: number) => Answer | undefined) {
  const client = await Client.open(relay.url)
  open.push(client)
  const asked: Prompt[] = []
  client.onPrompt = (prompt) => {
    if (prompt.kind === 'host-key') return { kind: 'host-key', accept: true }
    asked.push(prompt)
    if (prompt.kind === 'keyboard-interactive' && prompt.prompts.length === 0) return round()
    return answer(prompt, asked.length)
  }
  const { host, port, username } = sshd
  const connecting = client.ask('ssh-connect', {
    sessionId: `factors-${++count}`,
    ...{ host, port, username },
    ...to,
    interactive: true,
    binary: true,
  })
  return { asked, connecting }
}

const round = (...responses: string[]): Answer => ({ kind: 'keyboard-interactive', responses })
const said = (asked: Prompt[]) =>
  asked.map((one) =>
    one.kind === 'keyboard-interactive' ? one.prompts.map(({ text }) => text).join() || one.instructions : one.kind,
  )

test('a key, then a code', async () => {
  const { asked, connecting } = await connect({ privateKey: sshd.privateKey }, () => round(sshd.code))
  await connecting
  expect(said(asked)).toEqual(['Password: '])
})

test('a password, then a code, over two rounds that look alike', async () => {
  const { asked, connecting } = await connect({}, ({ kind }, turn) =>
    kind === 'login' ? { kind } : round(turn === 2 ? sshd.password : sshd.code),
  )
  await connecting
  expect(said(asked)).toEqual(['login', 'Password: ', 'Password: '])
})

test('a password that was given beforehand is not asked for, the code is', async () => {
  const { asked, connecting } = await connect({ password: sshd.password }, () => round(sshd.code))
  await connecting
  expect(said(asked)).toEqual(['Password: '])
})

test('what the server says to a wrong code is told, before it asks again', async () => {
  const { asked, connecting } = await connect({ privateKey: sshd.privateKey }, (_prompt, turn) =>
    round(turn === 1 ? '000000' : sshd.code),
  )
  await connecting
  expect(said(asked)).toEqual(['Password: ', `${words}\n`, 'Password: '])
})

test('A-HK-07 a server that hangs up while its key is looked at ends the connect, and harms nothing', async () => {
  let hangUp = () => {}
  const server = await startHostile({
    connect: ({ socket }) => {
      hangUp = () => socket.destroy()
    },
  })
  const client = await Client.open(relay.url)
  open.push(client)
  const to = { host: '127.0.0.1', port: server.port, username: 'x', interactive: true }
  client.send('ssh-connect', { sessionId: 'hung-up', ...to })
  const { promptId } = await client.next('ssh-prompt')
  hangUp()
  expect(await client.next('ssh-error')).toMatchObject({ code: 'no-answer', phase: 'host-key' })
  const answer: Answer = { kind: 'host-key', accept: true }
  await expect(client.ask('ssh-answer', { sessionId: 'hung-up', promptId, answer })).rejects.toThrow('no-session')
  await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
  await server.close()
})

test('A-HK-07 a server that does not wait as long as a person thinks: it is said that it was the server', async () => {
  const hasty = await startSshd(['LoginGraceTime 1'])
  const { host, port, username } = hasty
  const { asked, connecting } = await connect({ host, port, username }, () => undefined)
  await expect(connecting).rejects.toMatchObject({
    failure: { code: 'no-answer', phase: 'login', retry: true, message: expect.stringContaining('The server ended') },
  })
  expect(asked.map(({ kind }) => kind)).toEqual(['login'])
  await expect.poll(() => relay.dispatch.counts()).toEqual({ sessions: 0, prompts: 0 })
  await hasty.close()
})
