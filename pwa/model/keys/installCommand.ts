import { readKeyLine } from './keyText.ts'

/** What the command prints at its end. */
const said = { added: 'fairlead-key-added', present: 'fairlead-key-present' } as const

/** Characters of a comment that no shell takes for anything but themselves, in quotes of either kind. */
const plain = /[^A-Za-z0-9@%+=:,./_ -]/g

/**
 * The command that puts a public key's line at the end of `~/.ssh/authorized_keys`, unless the key is there already, as
 * ssh-copy-id does: nothing else in the file is touched, and what sshd is strict about is set right. One POSIX line in single
 * quotes, since the account's own shell may be any. Throws `TypeError` for what is no key line.
 */
export function installCommand(line: string): string {
  const key = readKeyLine(line)
  if (!key) throw new TypeError('This is no line of a public key')
  const text = [key.type, key.blob, key.comment.replace(plain, '_')].join(' ').trim()
  const file = '.ssh/authorized_keys'
  const steps = [
    'set -e; umask 077; cd; mkdir -p .ssh',
    `touch ${file}; chmod 700 .ssh; chmod 600 ${file}`,
    `if grep -v "^[[:space:]]*#" ${file} | grep -qF "${key.type} ${key.blob}"; then echo ${said.present}; exit 0; fi`,
    // A last line without its end would swallow the key.
    `if [ -n "$(tail -c 1 ${file})" ]; then echo >> ${file}; fi`,
    `echo "${text}" >> ${file}`,
    `if command -v restorecon > /dev/null 2>&1; then restorecon -F .ssh ${file} || true; fi`,
    `echo ${said.added}`,
  ]
  return `exec sh -c '${steps.join('; ')}'`
}

/** What the command did, by what it printed; undefined where it did not come to its end. */
export function installOutcome(output: string): keyof typeof said | undefined {
  const lines = output.split(/\r?\n/)
  return (['added', 'present'] as const).find((outcome) => lines.includes(said[outcome]))
}
