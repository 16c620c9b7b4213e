import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import pty from '@lydell/node-pty'
import type { Client, ClientChannel } from 'ssh2'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type TestHost, testHost } from '../harness/builtInHost.ts'
import type { Openssh } from '../harness/openssh.ts'

let host: TestHost
let ssh: Openssh

beforeAll(async () => {
  host = await testHost()
  ssh = await host.openssh()
})

afterAll(() => host.close())

const alive = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
/** The number of a process that a command has written down. */
const pidIn = (file: string) =>
  vi.waitFor(async () => {
    const pid = Number(await readFile(file, 'utf8'))
    expect(pid).toBeGreaterThan(1)
    return pid
  }, 10_000)

describe('commands, by OpenSSH', () => {
  test('status, stdout and stderr come apart', async () => {
    const result = await ssh.run('ssh', [ssh.target, 'echo out; echo err >&2; exit 7'])
    expect({ ...result, stdout: result.stdout.toString() }).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' })
  })

  test('stdin goes in byte for byte and its end is passed on', async () => {
    const bytes = Buffer.alloc(3_000_001, 'abc\0\xff\r\n', 'latin1')
    const result = await ssh.run('ssh', [ssh.target, 'cat'], bytes)
    expect(result.code).toBe(0)
    expect(sha256(result.stdout)).toBe(sha256(bytes))
  })

  test('a program that does not read its input does not hold up its end', async () => {
    const result = await ssh.run('ssh', [ssh.target, 'exit 3'], Buffer.alloc(5_000_000))
    expect(result.code).toBe(3)
  })

  test('floods on stdout and stderr, in turn and at once, arrive whole, though the client takes it in gulps', async () => {
    const client = await host.client()
    const stdout = await new Promise<ClientChannel>((resolve, reject) =>
      client.exec('seq 1 900000; seq 1 900000 >&2; seq 1 900000 & seq 1 900000 >&2; wait', (error, stream) =>
        error ? reject(error) : resolve(stream),
      ),
    )
    const streams = [stdout, stdout.stderr as Readable]
    const gulps: Buffer[][] = [[], []]
    let over = false
    stdout.once('exit', () => {
      over = true
    })
    while (!over) {
      // Nothing is read until the server may send no more. ssh2 has no public word for that.
      const { incoming } = stdout as unknown as { incoming: { window: number } }
      await vi.waitFor(() => expect(over || incoming.window === 0).toBe(true), 10_000)
      for (const [i, stream] of streams.entries())
        for (let bytes = stream.read(); bytes; bytes = stream.read()) gulps[i]?.push(bytes)
    }
    const expected = sha256(
      Buffer.from(
        Array.from({ length: 900_000 }, (_, i) => `${i + 1}\n`)
          .join('')
          .repeat(2),
      ),
    )
    expect(gulps.map((all) => sha256(Buffer.concat(all)))).toEqual([expected, expected])
    client.end()
  })

  test('death by a signal is told by its name', async () => {
    const client = await host.client()
    const exit = await new Promise((resolve, reject) =>
      client.exec('kill -TERM $$', (error, stream) => {
        if (error) return reject(error)
        stream.on('exit', (code: number | null, signal?: string) => resolve({ code, signal }))
        stream.resume()
      }),
    )
    expect(exit).toEqual({ code: null, signal: 'SIGTERM' })
    client.end()
    expect((await ssh.run('ssh', [ssh.target, 'kill -KILL $$'])).code).toBe(255)
  })

  test('a signal request reaches the whole process group', async () => {
    const client = await host.client()
    const text = await new Promise((resolve, reject) =>
      client.exec('trap "echo got USR1; exit 4" USR1; echo ready; while :; do sleep 0.05; done', (error, stream) => {
        if (error) return reject(error)
        let seen = ''
        stream.on('data', (bytes: Buffer) => {
          seen += bytes
          if (seen === 'ready\n') stream.signal('USR1')
        })
        stream.on('exit', (code) => resolve({ code, seen }))
      }),
    )
    expect(text).toEqual({ code: 4, seen: 'ready\ngot USR1\n' })
    client.end()
  })

  test('the environment is that of a login, with what the client may set and without the secrets of the relay', async () => {
    process.env.FAIRLEAD_PASSWORD = 'secret of the relay'
    const clients = await host.openssh({
      config: ['SetEnv LANG=xx_YY.UTF-8 LC_FOO=a COLORTERM=truecolor LD_PRELOAD=/tmp/evil.so BASH_ENV=/tmp/evil'],
    })
    const { stdout } = await clients.run('ssh', [clients.target, 'env'])
    delete process.env.FAIRLEAD_PASSWORD
    const env = Object.fromEntries(
      stdout
        .toString()
        .split('\n')
        .map((line) => line.split(/=(.*)/s)),
    )
    expect(env).toMatchObject({ LANG: 'xx_YY.UTF-8', COLORTERM: 'truecolor', USER: host.username })
    expect(env.SSH_CONNECTION).toMatch(new RegExp(`^127\\.0\\.0\\.1 \\d+ 127\\.0\\.0\\.1 ${host.port}$`))
    expect(Object.keys(env).filter((name) => /FAIRLEAD|LD_PRELOAD|BASH_ENV/.test(name))).toEqual([])
  })

  test('a closed channel ends the process group, also while its input is stuck', async () => {
    const file = join(host.dir, 'stuck.pid')
    const client = await host.client()
    client.exec(`echo $$ >${file}; sleep 600 & sleep 600; wait`, (_error, stream) =>
      stream?.write(Buffer.alloc(3_000_000)),
    )
    const pid = await pidIn(file)
    expect(alive(pid)).toBe(true)
    client.destroy()
    await vi.waitFor(() => expect(alive(pid)).toBe(false), 10_000)
  })
})

describe('shells, by OpenSSH', () => {
  test('a login shell on a terminal, typed into, resized, left with a status', async () => {
    const terminal = pty.spawn('ssh', [...ssh.config, '-tt', ssh.target], {
      name: 'xterm-256color',
      cols: 91,
      rows: 31,
      env: { ...ssh.env, TERM: 'xterm-256color' },
    })
    let screen = ''
    terminal.onData((text) => {
      screen += text
    })
    const exit = new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)))
    terminal.write('echo "[$TERM] [$(stty size)] [$(shopt login_shell 2>&1)]"\r')
    await vi.waitFor(() => expect(screen).toContain('[xterm-256color] [31 91]'), 10_000)
    terminal.resize(120, 40)
    terminal.write('while [ "$(stty size)" != "40 120" ]; do sleep 0.02; done; echo "now $(stty size)"\r')
    await vi.waitFor(() => expect(screen).toContain('now 40 120'), 10_000)
    terminal.write('echo r""eading; cat\r')
    await vi.waitFor(() => expect(screen).toContain('reading'), 10_000)
    terminal.write('\x03')
    await vi.waitFor(() => expect(screen).toMatch(/\^C[\s\S]*[#$] /), 10_000)
    terminal.write('echo "after ctrl-c: $?"\r')
    await vi.waitFor(() => expect(screen).toContain('after ctrl-c: 130'), 10_000)
    terminal.write('exit 9\r')
    expect(await exit).toBe(9)
  })

  test('a command on a terminal has one, and its end is told', async () => {
    const { code, stdout } = await ssh.run('ssh', ['-tt', ssh.target, 'test -t 0 && test -t 1 && echo yes; exit 5'])
    expect({ code, text: stdout.toString() }).toEqual({ code: 5, text: 'yes\r\n' })
  })

  test('a shell without a terminal reads commands from its input', async () => {
    const { code, stdout } = await ssh.run('ssh', ['-T', ssh.target], 'echo one; echo two; exit 6\n')
    expect(code).toBe(6)
    expect(stdout.toString()).toContain('one\ntwo\n')
  })

  test('the last output of a program that has ended waits for a slow client', async () => {
    const client = await host.client()
    const stream = await terminalOf(client, 'stty -opost; seq 1 700000')
    const text = (await slowly(stream)).toString()
    expect(text.endsWith('699999\n700000\n')).toBe(true)
    expect(text.length).toBe(Array.from({ length: 700_000 }, (_, i) => `${i + 1}\n`).join('').length)
    client.end()
  })

  test('input that a program does not read holds up neither the relay nor another session', async () => {
    const client = await host.client()
    const stuck = await terminalOf(client, 'stty raw -echo; echo ready; sleep 600')
    await once(stuck, 'data')
    stuck.write(Buffer.alloc(500_000, 'x'))
    expect((await ssh.run('ssh', [ssh.target, 'echo lively'])).stdout.toString()).toBe('lively\n')
    client.end()
  })

  test('hanging up ends the shell and its jobs', async () => {
    const file = join(host.dir, 'job.pid')
    const client = await host.client()
    const stream = await terminalOf(client)
    stream.write(`sh -c 'echo $$ >${file}; sleep 600'\n`)
    const pid = await pidIn(file)
    stream.close()
    await vi.waitFor(() => expect(alive(pid)).toBe(false), 10_000)
    client.end()
  })
})

test('without the pty package commands work and a shell says why it does not', async () => {
  const bare = await testHost({ pty: null })
  expect(bare.shellMissing).toMatch(/pty/)
  const clients = await bare.openssh()
  const shell = await clients.run('ssh', ['-tt', clients.target])
  expect(shell.code).toBe(1)
  expect(shell.stderr.trim().split('\n')).toEqual([`fairlead: ${bare.shellMissing}`])
  expect((await clients.run('ssh', ['-tt', clients.target, 'echo works'])).stdout.toString()).toBe('works\n')
  await bare.close()
})

test('close ends every program, also one that ignores SIGHUP', async () => {
  const own = await testHost({ limits: { hangUpMs: 200 } })
  const client = await own.client()
  const files = ['deaf', 'shell'].map((name) => join(own.dir, name))
  client.exec(`trap "" HUP; echo $$ >${files[0]}; while :; do sleep 0.1; done`, () => undefined)
  const shell = await terminalOf(client)
  shell.write(`echo $$ >${files[1]}; sleep 600\n`)
  const pids = await Promise.all(files.map(pidIn))
  expect(pids.map(alive)).toEqual([true, true])
  await Promise.all([own.close(), own.close()])
  await vi.waitFor(() => expect(pids.map(alive)).toEqual([false, false]), 10_000)
})

/** A stream's bytes, read with pauses that fill every buffer on the way. */
async function slowly(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk))
    if (chunks.length % 64 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return Buffer.concat(chunks)
}

function terminalOf(client: Client, command?: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const opened = (error: Error | undefined, stream: ClientChannel) => (error ? reject(error) : resolve(stream))
    if (command) client.exec(command, { pty: { term: 'xterm', cols: 80, rows: 24 } }, opened)
    else client.shell({ term: 'xterm', cols: 80, rows: 24 }, opened)
  })
}
