import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { makeSshKey } from './sshKey.ts'

/** An SSH server that wants a password and then a code, and gives a shell that says who is in. */
export interface TwoStepHost {
  host: '127.0.0.1'
  port: number
  username: string
  password: string
  /** The code; the empty text is the code of the user `empty`. */
  code: string
  /** What was answered, round by round. */
  answers: string[][]
  close(): Promise<void>
}

/** Starts one on a free port. */
export async function startTwoStepHost(): Promise<TwoStepHost> {
  const file = join(tmpdir(), `fairlead-two-step-${process.pid}`)
  const key = await makeSshKey(file)
  await Promise.all([rm(file), rm(`${file}.pub`)])
  const [password, code] = ['first step', '123456']
  const answers: string[][] = []
  const clients = new Set<{ end(): void }>()
  const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    clients.add(client)
    client.on('error', () => undefined)
    client.on('close', () => clients.delete(client))
    client.on('authentication', (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
      const wanted = context.username === 'empty' ? '' : code
      context.prompt([{ prompt: 'Password: ', echo: false }], 'Two steps', '', (first) => {
        answers.push(first)
        if (first[0] !== password) return context.reject(['keyboard-interactive'])
        context.prompt([{ prompt: 'One-time code: ', echo: true }], 'Two steps', 'From your device.', (second) => {
          answers.push(second)
          if (second[0] === wanted) context.accept()
          else context.reject(['keyboard-interactive'])
        })
      })
    })
    client.on('session', (accept) => {
      const session = accept()
      session.on('pty', (take) => take?.())
      session.on('shell', (take) => {
        const channel = take()
        channel.write('two steps taken $ ')
        channel.on('data', (data: Buffer) => channel.write(data))
        channel.on('error', () => undefined)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    host: '127.0.0.1',
    port: typeof address === 'object' && address ? address.port : 0,
    username: 'code',
    password,
    code,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const client of clients) client.end()
      }),
  }
}
