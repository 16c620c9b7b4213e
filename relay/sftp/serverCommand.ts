/** Where systems put OpenSSH's SFTP server: Debian, Fedora, Arch and BSD, Alpine and SUSE, OpenWrt, what was built there, NixOS. */
const places = [
  '/usr/lib/openssh/sftp-server',
  '/usr/libexec/openssh/sftp-server',
  '/usr/libexec/sftp-server',
  '/usr/lib/ssh/sftp-server',
  '/usr/lib/sftp-server',
  '/usr/local/libexec/sftp-server',
  '/usr/local/lib/sftp-server',
  '/opt/libexec/sftp-server',
  '/run/current-system/sw/libexec/sftp-server',
]

/** A start-up file of the login shell may have gone elsewhere. */
export const atHome = 'cd 2>/dev/null;'

/**
 * A command for the login shell, whichever it is, that becomes the SFTP server of the host.
 * @param how runs `"$s"`, in POSIX shell without single quotes
 * @param missing says that there is none
 */
export function serverCommand(how = 'exec "$s"', missing = 'exit 127'): string {
  return `sh -c '${atHome} for s in ${places.join(' ')}; do [ -x "$s" ] && ${how}; done; ${missing}'`
}
