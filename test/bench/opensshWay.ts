import { once } from 'node:events'
import { openssh } from '../harness/openssh.ts'
import type { Sshd } from '../harness/sshd.ts'
import { Output } from './output.ts'
import type { Way } from './way.ts'

/** OpenSSH's client with its own defaults, read through a pipe: the limit that the others are held against. */
export async function opensshWay(sshd: Sshd, identity: string): Promise<Way> {
  const client = await openssh({
    host: sshd.host,
    port: sshd.port,
    username: sshd.username,
    hostKey: Buffer.from(sshd.hostKey, 'base64'),
    identity,
    // From 9.5 on keys are sent in a fixed beat, which hides what is measured.
    config: ['IgnoreUnknown ObscureKeystrokeTiming', 'ObscureKeystrokeTiming no'],
  })
  return {
    name: 'OpenSSH',
    async open(command) {
      const child = client.start('ssh', ['-tt', client.target, `stty cols 80 rows 24; ${command}`])
      const output = new Output()
      const closed = once(child, 'close').then(() => output.end('ssh has ended'))
      child.stdout?.on('data', (chunk: Buffer) => output.take(chunk))
      child.stderr?.resume()
      // Keys may still be on their way to a client that has ended.
      child.stdin?.on('error', () => undefined)
      if (child.pid === undefined) throw new Error('ssh does not start')
      return {
        output,
        pid: child.pid,
        write: (text) => child.stdin?.write(text),
        async close() {
          child.kill('SIGKILL')
          await closed
        },
      }
    },
    close: () => client.close(),
  }
}
