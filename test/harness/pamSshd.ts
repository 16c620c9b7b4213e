import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { account, type Sshd, startSshd } from './sshd.ts'

/** OpenSSH's sshd with PAM, which wants two factors: a key or the password, and then a code. */
export interface PamSshd extends Sshd {
  /** What the second question is to be answered with. */
  code: string
}

const code = '271828'

/** Starts one. Both questions are PAM's own, `Password: ` without echo; what was passed before decides which it is. @param says what those are told whom it refuses */
export async function startPamSshd(says = ''): Promise<PamSshd> {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-pam-'))
  // PAM knows services in small letters only.
  const service = basename(dir).toLowerCase()
  const program = join(dir, service)
  const check = join(dir, 'check')
  await symlink('/usr/sbin/sshd', program)
  await writeFile(
    check,
    [
      '#!/bin/sh',
      "given=$(tr -d '\\000')",
      // What sshd tells PAM modules of the factors before.
      'case "$SSH_AUTH_INFO_0" in',
      `'') [ "$given" = '${account.password}' ] ;;`,
      `*) [ "$given" = '${code}' ] ;;`,
      'esac && exit',
      `printf '%s' '${says}'`,
      'exit 1',
      '',
    ].join('\n'),
    { mode: 0o755 },
  )
  const rules = join('/etc/pam.d', service)
  await writeFile(
    rules,
    [
      `auth required pam_exec.so quiet stdout expose_authtok ${check}`,
      'auth required pam_permit.so',
      'account required pam_permit.so',
      'session required pam_permit.so',
      '',
    ].join('\n'),
  )
  const clean = async () => {
    await rm(rules, { force: true })
    await rm(dir, { recursive: true, force: true })
  }
  const twice = 'keyboard-interactive:pam,keyboard-interactive:pam'
  const lines = [
    'UsePAM yes',
    'KbdInteractiveAuthentication yes',
    'PasswordAuthentication no',
    'LogLevel VERBOSE',
    `AuthenticationMethods publickey,keyboard-interactive:pam ${twice}`,
  ]
  try {
    const sshd = await startSshd(lines, undefined, program)
    const close = async () => {
      await sshd.close()
      await clean()
    }
    return { ...sshd, code, close }
  } catch (error) {
    await clean()
    throw error
  }
}
