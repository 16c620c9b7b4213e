#!/usr/bin/env node
// A host that takes thousands of connections at a small price, as no shell does: whoever comes is let in. A command of `idle`
// says nothing; `chatter` says ten lines a second, each with the time in ms at which it was sent.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'

const LINE_MS = 100

const directory = mkdtempSync(join(tmpdir(), 'fairlead-crowd-'))
execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'key')])
const key = readFileSync(join(directory, 'key'))
rmSync(directory, { recursive: true })

const chatting = new Set()
let turn = 0
// Each tenth of them in its own part of the beat, as independent programs would be.
setInterval(() => {
  turn = (turn + 1) % 10
  const now = performance.timeOrigin + performance.now()
  for (const one of chatting) if (one.turn === turn) one.channel.write(`${now} a line as a program says it\r\n`)
}, LINE_MS / 10)

const server = new ssh2.Server({ hostKeys: [key] }, (client) => {
  client.on('error', () => undefined)
  client.on('authentication', (context) => context.accept())
  client.on('session', (accept) => {
    const session = accept()
    session.on('pty', (acceptPty) => acceptPty?.())
    session.on('exec', (acceptExec, _reject, { command }) => {
      const channel = acceptExec()
      if (command !== 'chatter') return
      const one = { channel, turn: Math.floor(Math.random() * 10) }
      chatting.add(one)
      channel.on('close', () => chatting.delete(one))
      channel.on('error', () => chatting.delete(one))
    })
  })
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
