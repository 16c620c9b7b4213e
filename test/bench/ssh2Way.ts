import { once } from 'node:events'
import { connect } from 'node:net'
import ssh2, { type ClientChannel } from 'ssh2'
import type { Sshd } from '../harness/sshd.ts'
import { Output } from './output.ts'
import type { Way } from './way.ts'

/** ssh2 in this process without a relay, set up as well as it can be: what the relay adds is the difference to this. */
export function ssh2Way({ host, port, username, privateKey }: Sshd): Way {
  return {
    name: 'ssh2',
    async open(command) {
      const client = new ssh2.Client()
      client.connect({
        sock: connect({ host, port, noDelay: true }),
        username,
        privateKey,
        algorithms: { cipher: ['aes128-gcm@openssh.com'], kex: ['curve25519-sha256'] },
      })
      await once(client, 'ready')
      const channel = await new Promise<ClientChannel>((resolve, reject) => {
        client.exec(command, { pty: { cols: 80, rows: 24, term: 'xterm-256color' } }, (error, opened) =>
          error ? reject(error) : resolve(opened),
        )
      })
      const output = new Output()
      channel.on('data', (chunk: Buffer) => output.take(chunk))
      channel.on('close', () => output.end('the channel was closed'))
      return {
        output,
        pid: process.pid,
        write: (text) => channel.write(text),
        async close() {
          const closed = once(client, 'close')
          client.destroy()
          await closed
        },
      }
    },
    close: async () => undefined,
  }
}
