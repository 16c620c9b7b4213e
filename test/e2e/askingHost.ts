import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { makeSshKey } from '../harness/sshKey.ts'

/** An SSH server that asks what OpenSSH's asks only with PAM and an account made for it, and lets nobody in. */
export interface AskingHost {
  port: number
  close(): Promise<void>
}

/** The user `code` is asked for a password and a code, `push` is told to look elsewhere, `old` for a new password in place of any that is given. */
export async function startAskingHost(): Promise<AskingHost> {
  const file = join(tmpdir(), `fairlead-asking-${process.pid}`)
  const key = await makeSshKey(file)
  await Promise.all([rm(file), rm(`${file}.pub`)])
  const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    client.on('error', () => undefined)
    client.on('authentication', (context) => {
      const { method, username } = context
      if (username === 'code' && method === 'keyboard-interactive') {
        const prompts = [
          { prompt: 'Password: ', echo: false },
          { prompt: 'One-time code: ', echo: true },
        ]
        context.prompt(prompts, 'Two steps', 'The code is on the device that you registered.', () => context.reject())
      } else if (username === 'push' && method === 'keyboard-interactive') {
        context.prompt([], 'Two steps', 'A request was sent to your phone. Approve it there.', () => undefined)
      } else if (username === 'old' && method === 'password') {
        context.requestChange('Your password has run out after 90 days.', () => context.reject())
      } else context.reject([username === 'old' ? 'password' : 'keyboard-interactive'])
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
