import { execFileSync } from 'node:child_process'
import { chmod, chown, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { account, type Sshd, startSshd } from './sshd.ts'

/** A host on which there is nothing but BusyBox: no SFTP subsystem, no sftp-server. */
export interface BusyboxSshd extends Sshd {
  /** Its root, and in it the account's home, as this machine sees them. */
  root: string
  outside: string
}

/** Starts OpenSSH's sshd that locks the account into a root with BusyBox alone. */
export async function startBusyboxSshd(): Promise<BusyboxSshd> {
  // Nobody but root may be able to write to any part of the path of a root.
  const root = await mkdtemp('/srv/fairlead-busybox-')
  await chmod(root, 0o755)
  const home = `/home/${account.username}`
  for (const dir of ['bin', 'dev', 'etc', 'tmp', home.slice(1)]) await mkdir(join(root, dir), { recursive: true })
  const libraries = execFileSync('/usr/bin/ldd', ['/bin/busybox']).toString().match(/\/\S+/g)
  for (const library of libraries ?? []) {
    await mkdir(join(root, dirname(library)), { recursive: true })
    await copyFile(library, join(root, library))
  }
  await copyFile('/bin/busybox', join(root, 'bin/busybox'))
  await chmod(join(root, 'bin/busybox'), 0o755)
  for (const applet of execFileSync('/bin/busybox', ['--list']).toString().trim().split('\n'))
    if (applet !== 'busybox') await symlink('busybox', join(root, 'bin', applet))
  await symlink('bin', join(root, 'sbin'))
  // The account's shell is bash.
  await writeFile(join(root, 'bin/bash'), '#!/bin/sh\nexec /bin/sh "$@"\n', { mode: 0o755 })
  execFileSync('mknod', ['-m', '666', join(root, 'dev/null'), 'c', '1', '3'])
  const sshd = await startSshd(['Subsystem none /bin/false', `ChrootDirectory ${root}`, 'SetEnv PATH=/bin'])
  const id = (flag: string) => Number(execFileSync('id', [flag, account.username]).toString())
  await chown(join(root, home), id('-u'), id('-g'))
  return {
    ...sshd,
    home,
    root,
    outside: join(root, home),
    close: async () => {
      await sshd.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}
