import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installCommand, installOutcome } from '../../../../pwa/model/keys/installCommand.ts'

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDqLSJCn0TBLVqJIv0sLMY2H9mP1Hkw8xk4Yh9Wk0abc me@home'
const shells = ['sh', 'bash', 'dash', 'zsh', 'fish', 'csh', 'tcsh'].filter(
  (shell) => spawnSync('which', [shell]).status === 0,
)

describe('the command that installs a key', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'fairlead-home-'))
  })
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  const file = () => join(home, '.ssh/authorized_keys')
  const install = (line = key, shell = 'sh') =>
    installOutcome(
      execFileSync(shell, ['-c', installCommand(line)], {
        env: { HOME: home, PATH: process.env.PATH },
        encoding: 'utf8',
      }),
    )
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

  it.each(shells)('makes file and directory with the modes that sshd wants, once, under %s', (shell) => {
    expect(install(key, shell)).toBe('added')
    expect(install(key, shell)).toBe('present')
    expect(readFileSync(file(), 'utf8')).toBe(`${key}\n`)
    expect([mode(join(home, '.ssh')), mode(file())]).toEqual(['700', '600'])
  })

  it('keeps what is there, a last line without its end among it', () => {
    mkdirSync(join(home, '.ssh'))
    writeFileSync(file(), `# mine\nfrom="10.0.0.1" ssh-rsa AAAAB3 old`)
    chmodSync(file(), 0o644)
    expect(install()).toBe('added')
    expect(readFileSync(file(), 'utf8')).toBe(`# mine\nfrom="10.0.0.1" ssh-rsa AAAAB3 old\n${key}\n`)
    expect(mode(file())).toBe('600')
  })

  it('finds the key behind options and under another comment, but not in a comment', () => {
    mkdirSync(join(home, '.ssh'))
    const bare = key.split(' ').slice(0, 2).join(' ')
    writeFileSync(file(), `no-pty ${bare} elsewhere\n`)
    expect(install()).toBe('present')
    writeFileSync(file(), `# ${bare}\n`)
    expect(install()).toBe('added')
  })

  it('takes nothing of a comment for a command', () => {
    const evil = `${key.split(' ').slice(0, 2).join(' ')} $(touch ${home}/evil) \`touch ${home}/evil\` '; touch ${home}/evil; '"`
    expect(install(evil)).toBe('added')
    expect(existsSync(join(home, 'evil'))).toBe(false)
    expect(readFileSync(file(), 'utf8').split('\n')).toHaveLength(2)
  })

  it('says nothing where it does not come to its end, and is made of key lines only', () => {
    writeFileSync(join(home, '.ssh'), 'a file in its place')
    expect(() => install()).toThrow()
    expect(installOutcome('sh: not found')).toBeUndefined()
    for (const other of ['', 'ssh-ed25519', "x' ; rm -rf / ; '", `${key}\n${key}`]) {
      expect(() => installCommand(other)).toThrow(TypeError)
    }
  })
})
