import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import type { Exec } from '../../relay/sftp/shellLoop.ts'

/** The shells and tools that hosts without an SFTP server have. */
export const worlds = ['dash and GNU', 'bash and GNU', 'BusyBox', 'BusyBox without stat and xargs'] as const
export type World = (typeof worlds)[number]

/** Runs commands on this machine as a login shell of such a host would. @param dir for links to the programs; removed by whoever made it */
export function localShell(world: World, dir: string, user: { uid: number; gid: number; home: string }): Exec {
  const bin = join(dir, 'bin')
  mkdirSync(bin, { recursive: true })
  const path = world.startsWith('BusyBox') ? bin : `${bin}:/usr/bin:/bin`
  if (world.startsWith('BusyBox')) execFileSync('/bin/busybox', ['--install', '-s', bin])
  if (world.endsWith('without stat and xargs')) for (const tool of ['stat', 'xargs']) rmSync(join(bin, tool))
  if (world === 'bash and GNU') symlinkSync('/bin/bash', join(bin, 'sh'))
  const shell = world === 'dash and GNU' ? '/bin/dash' : join(bin, 'sh')
  return async (command) => {
    const child = spawn(shell, ['-c', command], {
      cwd: user.home,
      uid: user.uid,
      gid: user.gid,
      env: { PATH: path, HOME: user.home, LANG: 'C.UTF-8', TZ: 'Asia/Kathmandu' },
      stdio: 'pipe',
    })
    child.stdin.on('error', () => undefined)
    const channel = new Duplex({
      read: () => child.stdout.resume(),
      write: (chunk, _encoding, done) => void child.stdin.write(chunk, () => done()),
      final: (done) => {
        child.stdin.end()
        done()
      },
      destroy: (error, done) => {
        child.kill()
        done(error)
      },
    })
    child.stdout.on('data', (chunk) => {
      if (!channel.push(chunk)) child.stdout.pause()
    })
    child.stdout.on('end', () => channel.push(null))
    return Object.assign(channel, { stderr: child.stderr })
  }
}
