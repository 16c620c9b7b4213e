import { spawn } from 'node:child_process'
import type { ServerChannel } from 'ssh2'
import type { ChannelOutput } from './channelOutput.ts'
import type { Ending, Launch, Program } from './program.ts'
import { signalGroup } from './signals.ts'

/** What a shell says of a program that could not be started. */
const NOT_STARTED = 126

/** Runs a program on pipes, as the leader of a session and process group of its own, joined to the channel both ways. */
export function runOnPipes(channel: ServerChannel, output: ChannelOutput, launch: Launch): Program {
  const child = spawn(launch.file, launch.args, { cwd: launch.cwd, env: launch.env, detached: true, stdio: 'pipe' })
  let over = false
  const source = {
    pause: () => {
      child.stdout.pause()
      child.stderr.pause()
    },
    resume: () => {
      child.stdout.resume()
      child.stderr.resume()
    },
  }
  child.stdout.on('data', (bytes: Buffer) => output.write(bytes, 'stdout', source))
  child.stderr.on('data', (bytes: Buffer) => output.write(bytes, 'stderr', source))
  channel.pipe(child.stdin)
  // EPIPE: the program reads no more; what the client still sends goes nowhere, as with a closed pipe in a shell.
  child.stdin.on('error', () => {
    channel.unpipe(child.stdin)
    channel.resume()
  })
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', (error) => {
      over = true
      output.write(Buffer.from(`${launch.file}: ${error.message}\r\n`), 'stderr')
      resolve(NOT_STARTED)
    })
    child.once('close', (code, signal) => {
      over = true
      resolve(signal ?? code ?? NOT_STARTED)
    })
  })
  const signal = (name: NodeJS.Signals) => {
    // The group lives as long as someone holds the pipes; later its number may be another's.
    if (!over && child.pid !== undefined) signalGroup(child.pid, name)
  }
  return {
    ended,
    signal,
    resize: () => undefined,
    hangUp: () => {
      signal('SIGHUP')
      signal('SIGCONT')
      child.stdin.destroy()
      child.stdout.destroy()
      child.stderr.destroy()
    },
  }
}
