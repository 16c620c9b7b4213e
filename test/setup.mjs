import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What the tests drive besides npm's packages, and the package of Debian that brings it. */
const needs = [
  { what: "OpenSSH's server", pkg: 'openssh-server', there: () => existsSync('/usr/sbin/sshd') },
  {
    what: "OpenSSH's SFTP server",
    pkg: 'openssh-sftp-server',
    there: () => existsSync('/usr/lib/openssh/sftp-server'),
  },
  { what: "OpenSSH's clients", pkg: 'openssh-client', there: () => ['ssh', 'sftp', 'scp', 'ssh-keygen'].every(onPath) },
  { what: 'openssl', pkg: 'openssl', there: () => onPath('openssl') },
  { what: 'BusyBox', pkg: 'busybox', there: () => existsSync('/bin/busybox') },
  { what: 'sudo', pkg: 'sudo', there: () => onPath('sudo') },
  { what: 'ProFTPD', pkg: 'proftpd-core', there: () => existsSync('/usr/sbin/proftpd') },
  {
    what: "ProFTPD's SFTP",
    pkg: 'proftpd-mod-crypto',
    there: () => existsSync('/usr/lib/proftpd/mod_sftp.so'),
  },
  { what: 'Dropbear', pkg: 'dropbear-bin', there: () => existsSync('/usr/sbin/dropbear') },
  { what: 'Chromium', pkg: 'chromium', there: () => existsSync('/usr/bin/chromium') },
  { what: 'Firefox', pkg: 'firefox-esr', there: () => onPath('firefox-esr') },
  { what: 'a monospaced font', pkg: 'fonts-dejavu-core', there: () => hasFont(':spacing=mono') },
  { what: 'a font with emoji', pkg: 'fonts-noto-color-emoji', there: () => hasFont('Noto Color Emoji') },
  { what: 'a font with Chinese, Japanese and Korean', pkg: 'fonts-noto-cjk', there: () => hasFont(':lang=ja') },
]

/** What the long tests drive besides. */
const longNeeds = [
  { what: 'Vim', pkg: 'vim', there: () => onPath('vim') },
  { what: 'htop', pkg: 'htop', there: () => onPath('htop') },
  { what: 'less', pkg: 'less', there: () => onPath('less') },
  { what: 'ssh-audit', pkg: 'ssh-audit', there: () => onPath('ssh-audit') },
]

function onPath(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}

function hasFont(pattern) {
  const { stdout } = spawnSync('fc-list', [pattern, 'family'], { encoding: 'utf8' })
  return Boolean(stdout?.trim())
}

/**
 * Makes sure that the programs which the tests drive are there, and installs what is missing where that is possible: as root on
 * Debian. Returns what is missing still, as lines for a person. @param long whether for the long tests too
 */
export function setUp({ long = false } = {}) {
  const all = long ? [...needs, ...longNeeds] : needs
  const missing = all.filter(({ there }) => !there())
  if (missing.length > 0 && process.getuid?.() === 0 && onPath('apt-get')) {
    const packages = missing.map(({ pkg }) => pkg)
    console.log(`Installing ${packages.join(' ')}`)
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    try {
      execFileSync('apt-get', ['update', '-q'], { stdio: ['ignore', 'ignore', 'inherit'], env: environment })
      execFileSync('apt-get', ['install', '-qy', '--no-install-recommends', ...packages], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: environment,
      })
    } catch (error) {
      console.error(`apt-get could not: ${error.message}`)
    }
  }
  const lines = all
    .filter(({ there }) => !there())
    .map(({ what, pkg }) => `${what} is missing: install Debian's package ${pkg}`)
  if (process.getuid?.() !== 0) lines.push('the tests make a user account to log in to: run them as root')
  return lines
}
