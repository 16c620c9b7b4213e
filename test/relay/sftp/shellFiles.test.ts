import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SftpClient } from '../../../relay/sftp/sftpClient.ts'
import { openShellFiles } from '../../../relay/sftp/shellFiles.ts'
import { Refusal } from '../../../shared/failure.ts'
import { decodeName, encodeName } from '../../../shared/fileName.ts'
import { localShell, worlds } from '../../harness/localShell.ts'
import { account, startSshd } from '../../harness/sshd.ts'

const ids = { uid: 0, gid: 0 }
beforeAll(async () => {
  // It makes the account that the shells run as.
  await (await startSshd()).close()
  ids.uid = Number(execFileSync('id', ['-u', account.username]).toString())
  ids.gid = Number(execFileSync('id', ['-g', account.username]).toString())
})

const codeOf = async (work: Promise<unknown>) => {
  try {
    await work
    return 'no failure'
  } catch (error) {
    return error instanceof Refusal ? error.code : error
  }
}

describe.each(worlds)('files by %s', (world) => {
  let dir: string
  let home: string
  let client: SftpClient
  const problems: unknown[] = []

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'fairlead-shell-'))
    chmodSync(dir, 0o755)
    home = join(dir, 'home')
    mkdirSync(home)
    chownSync(home, ids.uid, ids.gid)
    const stream = await openShellFiles(localShell(world, dir, { ...ids, home }), 30_000, (error) =>
      problems.push(error),
    )
    client = await SftpClient.open(stream, { stallMs: 30_000, over: (reason) => problems.push(reason) })
  })
  afterAll(() => {
    client.close(new Refusal('no-session'))
    rmSync(dir, { recursive: true, force: true })
    expect(problems).toEqual([])
  })

  const names = async (path: string) => {
    const handle = await client.opendir(path)
    const list: string[] = []
    for (let entries = await client.readdir(handle); entries; entries = await client.readdir(handle))
      list.push(...entries.map(({ name }) => decodeName(name)))
    await client.closeHandle(handle)
    return list.sort()
  }
  const put = async (path: string, data: Buffer, piece = 32_768) => {
    const handle = await client.open(path, { write: true, create: true, truncate: true }, 0o644)
    const writes = []
    for (let at = 0; at < data.length; at += piece) writes.push(client.write(handle, at, data.subarray(at, at + piece)))
    await Promise.all(writes)
    await client.closeHandle(handle)
  }

  test('names of every byte make the way there and back, and none is taken for a command or an option', async () => {
    const every = Array.from({ length: 255 }, (_, at) => at + 1).filter((byte) => byte !== 0x2f)
    const nasty = [
      "'; rm -rf . ; echo '",
      '$(touch owned)',
      '`touch owned`',
      '-rf',
      '--help',
      '-',
      '*',
      '?[a-z]',
      ' leading and trailing ',
      'two\nlines\n',
      '\n',
      'a\\nb\\',
      '"$HOME"',
      '%s%n\\0101',
      '#!x',
      '~',
      '.hidden',
      '...',
      'naïve ☂ 文書 🦊',
      decodeName(Buffer.from(every.slice(0, 127))),
      decodeName(Buffer.from(every.slice(127))),
      decodeName(Buffer.from([0x81, 0x82, 0x88, 0xff, 0x0a])),
      'n'.repeat(255),
    ]
    await client.mkdir('names', 0o755)
    for (const [at, name] of nasty.entries()) {
      const path = `names/${name}`
      await put(path, Buffer.from(`content ${at}`))
      expect((await client.lstat(path)).size).toBe(`content ${at}`.length)
      expect(readFileSync(Buffer.concat([Buffer.from(`${home}/names/`), encodeName(name)])).toString()).toBe(
        `content ${at}`,
      )
    }
    expect(await names('names')).toEqual([...nasty].sort())
    // By each verb that gives a name to a program.
    for (const name of nasty) {
      const path = `names/${name}`
      expect(await client.realpath(path)).toBe(`${home}/${path}`)
      await client.setstat(path, { mode: 0o600, atime: 1_000_000_000, mtime: 1_000_000_001 })
      await client.hardlink(path, 'linked')
      await client.remove('linked')
      await client.symlink('pointer', name)
      expect(await client.readlink('pointer')).toBe(name)
      await client.remove('pointer')
      await client.rename(path, 'moved')
      await client.posixRename('moved', path)
      await client.remove(path)
      await client.mkdir(path)
      expect(await names(path)).toEqual([])
      await client.rmdir(path)
    }
    expect(await names('names')).toEqual([])
    await client.rmdir('names')
    expect(await names('.')).toEqual([])
  })

  test('what is read and written is what is there, at any size and offset', async () => {
    for (const size of [0, 1, 4095, 4096, 32_767, 32_768, 32_769, 255 * 1024 + 1, 1024 * 1024 + 3]) {
      const data = randomBytes(size)
      await put('file', data, 50_001)
      expect(
        createHash('sha256')
          .update(readFileSync(join(home, 'file')))
          .digest('hex'),
      ).toBe(createHash('sha256').update(data).digest('hex'))
      const handle = await client.open('file', { read: true })
      expect((await client.fstat(handle)).size).toBe(size)
      for (const offset of [0, 1, 4096, 32_767, 32_768, size - 1, size, size + 5_000].filter((at) => at >= 0)) {
        expect((await client.read(handle, offset, 10_000)).equals(data.subarray(offset, offset + 10_000))).toBe(true)
      }
      await client.closeHandle(handle)
    }
    // Into the middle, beyond the end, and at the end.
    const handle = await client.open('file', { write: true })
    await client.write(handle, 5000, Buffer.from('middle'))
    await client.write(handle, 2_000_001, Buffer.from('beyond'))
    await client.closeHandle(handle)
    const last = await client.open('file', { append: true })
    await Promise.all([client.write(last, 0, Buffer.from('one')), client.write(last, 0, Buffer.from('two'))])
    await client.closeHandle(last)
    const now = readFileSync(join(home, 'file'))
    expect(now.subarray(5000, 5006).toString()).toBe('middle')
    expect(now.length).toBe(2_000_001 + 6 + 6)
    expect(now.subarray(2_000_001).toString()).toBe('beyondonetwo')
    await client.setstat('file', { size: 5003 })
    expect(readFileSync(join(home, 'file')).subarray(5000).toString()).toBe('mid')
    await client.remove('file')
  })

  test('attributes are said and set as SFTP has them', async () => {
    await put('file', Buffer.from('four'))
    await client.setstat('file', { mode: 0o4751, atime: 1_000_000_000, mtime: 1_000_000_020 })
    const { mode, atime, mtime, size, uid, gid } = await client.stat('file')
    expect({ mode, size, uid, gid }).toEqual({ mode: 0o104751, size: 4, ...ids })
    // `ls` tells the day alone of what is old.
    const exact = world !== 'BusyBox without stat and xargs'
    if (exact) expect(mtime).toBe(1_000_000_020)
    else expect(mtime).toBe(1_000_000_020 - (1_000_000_020 % 86_400))
    expect(statSync(join(home, 'file')).mtimeMs).toBe(1_000_000_020_000)
    if (exact && !world.startsWith('BusyBox')) expect(atime).toBe(1_000_000_000)
    await client.setstat('file', { uid: ids.uid, gid: ids.gid })
    expect(await codeOf(client.setstat('file', { uid: 0, gid: 0 }))).toBe('permission-denied')
    symlinkSync('file', join(home, 'link'))
    expect(((await client.lstat('link')).mode ?? 0) & 0o170000).toBe(0o120000)
    expect(((await client.stat('link')).mode ?? 0) & 0o170000).toBe(0o100000)
    const { total, available } = await client.statvfs('.')
    expect(total).toBeGreaterThan(available)
    const handle = await client.opendir('.')
    const [entry] = (await client.readdir(handle))?.filter(({ name }) => name.toString() === 'file') ?? []
    expect(entry?.attributes.size).toBe(4)
    expect(entry?.longName.toString()).toMatch(
      new RegExp(`^-rw.r-x--x 1 (${account.username}|${ids.uid}) (${account.username}|${ids.gid}) 4 `),
    )
    await client.closeHandle(handle)
    await client.remove('link')
    await client.remove('file')
  })

  test('what cannot be is refused with its reason, and harms nothing', async () => {
    await put('file', Buffer.from('kept'))
    await client.mkdir('dir', 0o700)
    await put('dir/in', Buffer.from('in'))
    symlinkSync('dir', join(home, 'to-dir'))
    execFileSync('/usr/bin/mkfifo', [join(home, 'pipe')])
    const failures = {
      'no such file': client.lstat('nothing'),
      'read of nothing': client.open('nothing', { read: true }),
      'write to nothing': client.open('nothing', { write: true }),
      'list of nothing': client.opendir('nothing'),
      'list of a file': client.opendir('file'),
      exclusive: client.open('file', { write: true, create: true, exclusive: true }),
      'open a directory': client.open('dir', { read: true }),
      'open a pipe': client.open('pipe', { read: true }),
      'a root file': client.open('/etc/shadow', { read: true }),
      'list of root': client.opendir('/root'),
      'make in /': client.mkdir('/fairlead-cannot'),
      'make twice': client.mkdir('dir'),
      'remove a directory': client.remove('dir'),
      'a full directory': client.rmdir('dir'),
      'rename over': client.rename('file', 'dir/in'),
      'rename over a directory': client.posixRename('file', 'dir'),
      'link over': client.symlink('to-dir', 'x'),
      'setstat of nothing': client.setstat('nothing', { mode: 0o644 }),
      'readlink of a file': client.readlink('file'),
    }
    const codes: Record<string, unknown> = {}
    for (const [what, work] of Object.entries(failures)) codes[what] = await codeOf(work)
    expect(codes).toEqual({
      'no such file': 'no-such-file',
      'read of nothing': 'no-such-file',
      'write to nothing': 'no-such-file',
      'list of nothing': 'no-such-file',
      'list of a file': 'no-such-file',
      exclusive: 'file-exists',
      'open a directory': 'sftp-failure',
      'open a pipe': 'sftp-failure',
      'a root file': 'permission-denied',
      'list of root': 'permission-denied',
      'make in /': 'permission-denied',
      'make twice': 'file-exists',
      'remove a directory': 'sftp-failure',
      'a full directory': 'not-empty',
      'rename over': 'file-exists',
      'rename over a directory': expect.stringMatching(/sftp-failure|not-empty/),
      'link over': 'file-exists',
      'setstat of nothing': 'no-such-file',
      'readlink of a file': 'sftp-failure',
    })
    // A link to a directory is replaced, not moved into.
    await client.posixRename('file', 'to-dir')
    expect(readFileSync(join(home, 'to-dir')).toString()).toBe('kept')
    expect(await names('dir')).toEqual(['in'])
    await client.remove('dir/in')
    await client.rmdir('dir')
    await client.remove('to-dir')
    await client.remove('pipe')
  })

  test('a directory of many is read whole', async () => {
    const many = join(home, 'many')
    mkdirSync(many)
    const count = world.endsWith('xargs') ? 60 : 600
    for (let at = 0; at < count; at++) writeFileSync(join(many, `entry ${at}`), '')
    expect((await names('many')).length).toBe(count)
    rmSync(many, { recursive: true })
  })
})

test('the end of the shell ends the conversation, with what is on its way', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'fairlead-shell-'))
  chmodSync(dir, 0o755)
  const there = localShell('dash and GNU', dir, { ...ids, home: '/' })
  const channels: { destroy(): void }[] = []
  const exec = async (command: string) => {
    const channel = await there(command)
    channels.push(channel)
    return channel
  }
  const stream = await openShellFiles(exec, 30_000, () => undefined)
  let over: Refusal | undefined
  const client = await SftpClient.open(stream, { stallMs: 30_000, over: (reason) => (over = reason) })
  const asked = codeOf(client.stat('/'))
  channels[0]?.destroy()
  expect(await asked).toBe('server-disconnected')
  expect(over?.code).toBe('server-disconnected')
  rmSync(dir, { recursive: true, force: true })
})

test('a server with room for few channels has one file written after the other, and one without any says so', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'fairlead-shell-'))
  chmodSync(dir, 0o777)
  const there = localShell('dash and GNU', dir, { ...ids, home: dir })
  let room = 2
  let most = 0
  const exec = async (command: string) => {
    if (room === 0) throw new Refusal('shell-refused', { phase: 'files' })
    room -= 1
    most = Math.max(most, 2 - room)
    const channel = await there(command)
    channel.once('close', () => {
      room += 1
    })
    return channel
  }
  const client = await SftpClient.open(await openShellFiles(exec, 30_000, () => undefined), {
    stallMs: 30_000,
    over: () => undefined,
  })
  const put = async (name: string) => {
    const handle = await client.open(name, { write: true, create: true }, 0o644)
    await client.write(handle, 0, Buffer.from(name))
    await client.closeHandle(handle)
  }
  await Promise.all(['one', 'two', 'three'].map(put))
  for (const name of ['one', 'two', 'three']) expect(readFileSync(join(dir, name)).toString()).toBe(name)
  expect(most).toBe(2)
  room = 0
  expect(await codeOf(put('four'))).toBe('sftp-failure')
  // The conversation goes on.
  expect((await client.stat('one')).size).toBe(3)
  client.close(new Refusal('no-session'))
  rmSync(dir, { recursive: true, force: true })
})

test('a host without a shell that will do is said to have none', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'fairlead-shell-'))
  const there = localShell('dash and GNU', dir, { ...ids, home: '/' })
  const none = (command: string, patienceMs = 30_000) => {
    const exec = () => there(command)
    return openShellFiles(exec, patienceMs, () => undefined)
  }
  expect(await codeOf(none('echo This account is currently not available.; exit 1'))).toBe('sftp-refused')
  expect(await codeOf(none('exit 0'))).toBe('sftp-refused')
  // A menu that waits for somebody to choose.
  expect(await codeOf(none('echo 1. Reboot; cat >/dev/null', 200))).toBe('sftp-refused')
  rmSync(dir, { recursive: true, force: true })
})
