import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Client, ClientChannel, SFTPWrapper } from 'ssh2'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type TestHost, testHost } from '../harness/builtInHost.ts'
import type { Openssh } from '../harness/openssh.ts'

let host: TestHost
let clients: Openssh
/** A directory of the test's own, on "the server". */
let dir: string
let count = 0

beforeAll(async () => {
  host = await testHost({ limits: { openHandles: 8 } })
  clients = await host.openssh()
})

beforeEach(async () => {
  count += 1
  dir = join(await realpath(host.dir), `files ${count}`)
  await mkdir(dir)
})

afterAll(() => host.close())

/** Runs a batch in `dir` and gives back what sftp says. */
async function sftp(...lines: string[]) {
  const { code, stdout, stderr } = await clients.run(
    'sftp',
    ['-b', '-', clients.target],
    [`cd "${dir}"`, ...lines].join('\n'),
  )
  return {
    code,
    out: stdout
      .toString()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('sftp>')),
    stderr,
  }
}

const quoted = (name: string) => `"${join(dir, name)}"`
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const bytesOf = (size: number) =>
  Buffer.concat([
    Buffer.alloc(size % 65_536, 7),
    ...Array.from({ length: Math.floor(size / 65_536) }, () => randomBytes(65_536)),
  ])

describe('sftp, by OpenSSH', () => {
  test('put and get keep every byte, mode and time', async () => {
    for (const size of [0, 1, 32_767, 32_769, 5_000_003]) {
      const bytes = bytesOf(size)
      await writeFile(join(dir, 'here'), bytes)
      await chmod(join(dir, 'here'), 0o640)
      await utimes(join(dir, 'here'), 1_000_000_000, 1_234_567_890)
      expect(await sftp(`put -fp ${quoted('here')} there`, `get -p there ${quoted('back')}`)).toMatchObject({ code: 0 })
      expect(sha256(await readFile(join(dir, 'back')))).toBe(sha256(bytes))
      expect(await stat(join(dir, 'there'))).toMatchObject({ mode: 0o100640, mtimeMs: 1_234_567_890_000, size })
    }
  })

  test('reput and reget go on where the file ends', async () => {
    const bytes = bytesOf(1_000_000)
    await writeFile(join(dir, 'whole'), bytes)
    await writeFile(join(dir, 'up'), bytes.subarray(0, 400_001))
    await writeFile(join(dir, 'down'), bytes.subarray(0, 700_001))
    expect(await sftp(`reput ${quoted('whole')} up`, `reget whole ${quoted('down')}`)).toMatchObject({ code: 0 })
    expect([sha256(await readFile(join(dir, 'up'))), sha256(await readFile(join(dir, 'down')))]).toEqual([
      sha256(bytes),
      sha256(bytes),
    ])
  })

  test('ls -la shows what ls does: type, permissions, links, owner, group, size, date, name', async () => {
    await writeFile(join(dir, 'file'), 'twelve bytes')
    await chmod(join(dir, 'file'), 0o4755)
    await link(join(dir, 'file'), join(dir, 'second'))
    await utimes(join(dir, 'file'), 0, 946_684_800)
    await mkdir(join(dir, 'sub'), { mode: 0o1777 })
    await chmod(join(dir, 'sub'), 0o1777)
    await symlink('nowhere', join(dir, 'dangling'))
    await writeFile(join(dir, 'ünïcode 🛟'), '')
    const { out } = await sftp('ls -la')
    const owner = userInfo().username
    const line = (name: string) => out.find((one) => one.endsWith(` ${name}`))
    expect(line('file')).toMatch(new RegExp(`^-rwsr-xr-x +2 ${owner} +\\S+ +12 (Jan +1|Dec 31) +(2000|1999) file$`))
    expect(line('sub')).toMatch(/^drwxrwxrwt /)
    expect(line('dangling')).toMatch(/^lrwxrwxrwx /)
    expect(out.map((one) => one.split(/\d\d:\d\d +|\d{4} +/).at(-1)).sort()).toEqual(
      ['.', '..', 'dangling', 'file', 'second', 'sub', 'ünïcode 🛟'].sort(),
    )
  })

  test('a directory of 3,000 is listed whole', async () => {
    await Promise.all(Array.from({ length: 3000 }, (_, i) => writeFile(join(dir, `entry-${i}`), '')))
    const { out } = await sftp('ls -1')
    expect(out.length).toBe(3000)
    expect(new Set(out).size).toBe(3000)
  })

  test('mkdir, rename, rmdir, rm, chmod, ln, ln -s, df', async () => {
    await writeFile(join(dir, 'a'), 'a')
    const { code, out, stderr } = await sftp(
      'mkdir made',
      'rename a made/b',
      'chmod 600 made/b',
      'ln made/b hard',
      'ln -s made/b soft',
      'df -h',
      'df',
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await stat(join(dir, 'made/b'))).toMatchObject({ mode: 0o100600, nlink: 2 })
    expect(await readlink(join(dir, 'soft'))).toBe('made/b')
    expect(out.join('\n')).toMatch(/Size +Used +Avail +\(root\) +%Capacity/)
    expect(out.join('\n')).toMatch(/\d+ +\d+ +\d+ +\d+ +\d+%/)
    expect(await sftp('rm soft', 'rm hard', 'rm made/b', 'rmdir made')).toMatchObject({ code: 0 })
    expect(await readdir(dir)).toEqual([])
  })

  test('what cannot be done is refused with its reason', async () => {
    await mkdir(join(dir, 'full'))
    await writeFile(join(dir, 'full/file'), '')
    expect((await sftp('get missing')).stderr).toMatch(/not found/)
    expect((await sftp('mkdir full')).stderr).toMatch(/file already exists|Failure/)
    expect((await sftp('rmdir full')).stderr).toMatch(/directory not empty|Failure/)
    expect((await sftp('rm full')).stderr).toMatch(/Failure|illegal operation|denied|not permitted/i)
    expect((await sftp('cd full/file')).stderr).toMatch(/not a directory/i)
  })

  test('names that are not UTF-8 make the round trip', async () => {
    const name = Buffer.from('caf\xe9 \xff\xfe', 'latin1')
    await writeFile(Buffer.concat([Buffer.from(`${dir}/`), name]), 'bytes')
    expect(await sftp(`get * ${quoted('fetched')}`)).toMatchObject({ code: 0 })
    expect(await readFile(join(dir, 'fetched'), 'utf8')).toBe('bytes')
    const batch = Buffer.concat([
      Buffer.from(`cd "${dir}"\nln -s "`),
      name,
      Buffer.from('" link\nrename "'),
      name,
      Buffer.from('" plain\n'),
    ])
    expect(await clients.run('sftp', ['-b', '-', clients.target], batch)).toMatchObject({ code: 0 })
    expect((await readdir(dir)).sort()).toEqual(['fetched', 'link', 'plain'])
    expect(await readlink(join(dir, 'link'), 'buffer')).toEqual(name)
  })

  test('starts at home', async () => {
    const { stdout } = await clients.run('sftp', ['-b', '-', clients.target], 'pwd\n')
    expect(stdout.toString()).toContain(`Remote working directory: ${await realpath(host.home)}\n`)
  })
})

test('scp -r copies a tree in and out', async () => {
  const tree = join(dir, 'tree')
  await mkdir(join(tree, 'deep/deeper'), { recursive: true })
  const files = ['one', 'deep/two', 'deep/deeper/three with blanks']
  for (const [i, file] of files.entries()) await writeFile(join(tree, file), bytesOf(i * 100_000))
  const go = async (from: string, to: string) =>
    expect(await clients.run('scp', ['-rp', from, to])).toMatchObject({ code: 0, stderr: '' })
  await go(tree, `${clients.target}:${dir}/in`)
  await go(`${clients.target}:${dir}/in`, join(dir, 'out'))
  for (const file of files)
    expect(sha256(await readFile(join(dir, 'out', file)))).toBe(sha256(await readFile(join(tree, file))))
})

describe('by ssh2', () => {
  let client: Client
  let wrapper: SFTPWrapper
  beforeAll(async () => {
    client = await host.client()
    wrapper = await new Promise((resolve, reject) =>
      client.sftp((error, one) => (error ? reject(error) : resolve(one))),
    )
  })
  afterAll(() => client.end())

  /** Calls a method that ends with a callback; a failure comes as its status code. */
  const ask = <T = unknown>(method: keyof SFTPWrapper, ...args: unknown[]) =>
    new Promise<T>((resolve, reject) => {
      // Each method has types of its own; here they are called by name.
      const call = wrapper[method] as (...args: unknown[]) => void
      call.call(wrapper, ...args, (error: (Error & { code?: number }) | null, value: T) =>
        error ? reject(Object.assign(error, { status: error.code })) : resolve(value),
      )
    })
  const status = (method: keyof SFTPWrapper, ...args: unknown[]) =>
    ask(method, ...args).then(
      () => 0,
      (error) => error.status,
    )

  test('status codes', async () => {
    const at = (name: string) => join(dir, name)
    await writeFile(at('file'), 'x')
    expect(await status('stat', at('missing'))).toBe(2)
    expect(await status('stat', at('file/below'))).toBe(2)
    expect(await status('opendir', at('file'))).toBe(2)
    expect(await status('mkdir', at('file'))).toBe(4)
    expect(await status('open', at('file'), 'wx')).toBe(4)
    expect(await status('stat', at('x'.repeat(300)))).toBe(5)
    expect(await status('stat', at('a\0b'))).toBe(5)
    expect(await status('fstat', Buffer.from('forged handle'))).toBe(2)
    expect(await status('close', Buffer.alloc(0))).toBe(2)
    expect(await status('readlink', at('file'))).toBe(5)
  })

  test('rename does not overwrite; posix-rename does', async () => {
    await writeFile(join(dir, 'from'), 'new')
    await writeFile(join(dir, 'to'), 'old')
    await mkdir(join(dir, 'from dir'))
    await mkdir(join(dir, 'to dir'))
    expect(await status('rename', join(dir, 'from'), join(dir, 'to'))).toBe(4)
    expect(await status('rename', join(dir, 'from dir'), join(dir, 'to dir'))).toBe(4)
    expect(await readFile(join(dir, 'to'), 'utf8')).toBe('old')
    expect(await status('ext_openssh_rename', join(dir, 'from'), join(dir, 'to'))).toBe(0)
    expect(await readFile(join(dir, 'to'), 'utf8')).toBe('new')
    expect(await status('rename', join(dir, 'from dir'), join(dir, 'new dir'))).toBe(0)
    expect((await readdir(dir)).sort()).toEqual(['new dir', 'to', 'to dir'])
  })

  test('attributes are set by path and by handle, and read back', async () => {
    const path = join(dir, 'file')
    await writeFile(path, 'long enough')
    await ask('setstat', path, { mode: 0o640, atime: 1000, mtime: 2000 })
    expect(await ask('stat', path)).toMatchObject({
      mode: 0o100640,
      atime: 1000,
      mtime: 2000,
      size: 11,
      uid: userInfo().uid,
    })
    const handle = await ask<Buffer>('open', path, 'r+')
    await ask('fsetstat', handle, { size: 4, mode: 0o600 })
    expect(await ask('fstat', handle)).toMatchObject({ mode: 0o100600, size: 4 })
    await ask('fsetstat', handle, { uid: userInfo().uid, gid: userInfo().gid })
    await ask('ext_openssh_fsync', handle)
    expect(await ask('ext_openssh_fstatvfs', handle)).toMatchObject({ f_namemax: 255 })
    await ask('close', handle)
    expect(await status('fstat', handle)).toBe(2)
    await symlink('file', join(dir, 'link'))
    expect((await ask<{ isSymbolicLink(): boolean }>('lstat', join(dir, 'link'))).isSymbolicLink()).toBe(true)
  })

  test('appends; reads and writes at offsets beyond 4 GiB', async () => {
    const path = join(dir, 'sparse')
    const offset = 5 * 2 ** 30 + 3
    const handle = await ask<Buffer>('open', path, 'w+')
    await ask('write', handle, Buffer.from('far out'), 0, 7, offset)
    const back = Buffer.alloc(100)
    expect(await ask<number>('read', handle, back, 0, 100, offset)).toBe(7)
    expect(back.subarray(0, 7).toString()).toBe('far out')
    expect((await stat(path)).size).toBe(offset + 7)
    await ask('close', handle)
    await writeFile(join(dir, 'log'), 'one ')
    const log = await ask<Buffer>('open', join(dir, 'log'), 'a')
    await ask('write', log, Buffer.from('two'), 0, 3, 0)
    await ask('close', log)
    expect(await readFile(join(dir, 'log'), 'utf8')).toBe('one two')
  })

  test('realpath of what is not there yet; symlink in the order of the draft', async () => {
    await mkdir(join(dir, 'sub'))
    expect(await ask('realpath', `${dir}/sub/.././sub//new`)).toBe(join(dir, 'sub/new'))
    expect(await status('realpath', join(dir, 'no/such'))).toBe(2)
    expect(await ask('realpath', '.')).toBe(await realpath(host.home))
    expect(await ask('realpath', '')).toBe(await realpath(host.home))
    expect(await ask('realpath', '/nothing here')).toBe('/nothing here')
    await ask('symlink', 'target', join(dir, 'link'))
    expect(await ask('readlink', join(dir, 'link'))).toBe('target')
    expect((await lstat(join(dir, 'link'))).isSymbolicLink()).toBe(true)
  })

  test('a FIFO without a reader or a writer holds up nothing', async () => {
    await new Promise((resolve, reject) =>
      client.exec(`mkfifo '${join(dir, 'fifo')}'`, (error, stream) =>
        error ? reject(error) : stream.on('close', resolve).resume(),
      ),
    )
    const handles = await Promise.all(Array.from({ length: 6 }, () => ask<Buffer>('open', join(dir, 'fifo'), 'r')))
    expect(await status('open', join(dir, 'fifo'), 'w')).toBe(0)
    expect(await status('stat', dir)).toBe(0)
    await Promise.all(handles.map((handle) => ask('close', handle)))
  })

  test('requests sent at once see what those before them did', async () => {
    const path = join(dir, 'order')
    const handle = await ask<Buffer>('open', path, 'w+')
    const writes = Array.from({ length: 64 }, (_, i) => ask('write', handle, Buffer.from([i]), 0, 1, 0))
    const read = Buffer.alloc(1)
    const last = ask('read', handle, read, 0, 1, 0)
    await Promise.all([
      ...writes,
      last,
      ask('close', handle),
      ask('mkdir', `${path}.d`),
      ask('mkdir', `${path}.d/e`),
      ask('rename', path, `${path}.d/e/f`),
    ])
    expect(read[0]).toBe(63)
    expect(await readdir(`${path}.d/e`)).toEqual(['f'])
  })

  test('R-LIM-01 open handles are counted for each conversation, and freed', async () => {
    const own = await host.client()
    const other = await new Promise<SFTPWrapper>((resolve, reject) =>
      own.sftp((error, one) => (error ? reject(error) : resolve(one))),
    )
    const open = () =>
      new Promise<Buffer>((resolve, reject) =>
        other.opendir(dir, (error, handle) => (error ? reject(error) : resolve(handle))),
      )
    const handles: Buffer[] = []
    for (let i = 0; i < 8; i++) handles.push(await open())
    await expect(open()).rejects.toThrow('more than 8 open handles')
    // Handles are those of their own conversation.
    expect(await status('readdir', handles[0])).toBe(2)
    const before = await openFiles(dir)
    expect(before).toBe(8)
    own.end()
    await once(own, 'close')
    await expect.poll(() => openFiles(dir), { timeout: 10_000 }).toBe(0)
  })
})

/** How many descriptors this process, in which the host runs, has open on a path. */
async function openFiles(path: string): Promise<number> {
  const targets = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  return targets.filter((target) => target === path).length
}

describe('S-LST-02 malformed packets', () => {
  /** A plain channel on which the test writes SFTP by hand. */
  async function raw(): Promise<{ channel: ClientChannel; client: Client }> {
    const client = await host.client()
    const channel = await new Promise<ClientChannel>((resolve, reject) =>
      client.subsys('sftp', (error, one) => (error ? reject(error) : resolve(one))),
    )
    return { channel, client }
  }
  const packet = (type: number, ...fields: Buffer[]) => {
    const body = Buffer.concat([Buffer.from([type]), ...fields])
    return Buffer.concat([u32(body.length), body])
  }
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return bytes
  }
  const text = (value: string) => Buffer.concat([u32(value.length), Buffer.from(value)])
  const init = packet(1, u32(3))
  /** Reads packets until one has this id. */
  async function reply(channel: ClientChannel, id: number): Promise<{ type: number; code: number }> {
    let bytes = Buffer.alloc(0)
    for await (const chunk of channel.iterator({ destroyOnReturn: false })) {
      bytes = Buffer.concat([bytes, chunk])
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
        const one = bytes.subarray(4, 4 + bytes.readUInt32BE(0))
        bytes = bytes.subarray(4 + one.length)
        if (one.readUInt32BE(1) === id && one[0] !== 2) return { type: one[0] ?? 0, code: one.readUInt32BE(5) }
      }
    }
    throw new Error('the channel ended without a reply')
  }

  test.each([
    ['an unknown type', packet(99, u32(7)), 8],
    ['an unknown extension', packet(200, u32(7), text('rubbish@example.com')), 8],
    ['a string beyond the end', packet(17, u32(7), u32(4_000_000_000)), 5],
    ['no path at all', packet(3, u32(7)), 5],
    ['an offset beyond 2^53', packet(5, u32(7), text('handle'), Buffer.alloc(8, 0xff), u32(1)), 2],
    ['attributes that are cut off', packet(9, u32(7), text('/'), u32(1), u32(0)), 5],
  ])('%s is answered, and the conversation goes on', async (_what, bytes, code) => {
    const { channel, client } = await raw()
    channel.write(Buffer.concat([init, bytes]))
    expect(await reply(channel, 7)).toEqual({ type: 101, code })
    channel.write(packet(17, u32(8), text('/')))
    expect(await reply(channel, 8)).toMatchObject({ type: 105 })
    client.end()
  })

  test.each([
    ['length 0', Buffer.concat([init, u32(0)])],
    ['a length of 4 GiB', Buffer.concat([init, u32(0xffffffff)])],
    ['no INIT', packet(17, u32(1), text('/'))],
    ['a request without an id', Buffer.concat([init, packet(17)])],
    ['noise', Buffer.concat([init, randomBytes(50_000)])],
  ])('%s ends the conversation, not the connection', async (_what, bytes) => {
    const { channel, client } = await raw()
    const ended = once(channel, 'close')
    channel.resume().write(bytes)
    await ended
    expect(
      await new Promise((resolve) => client.exec('exit 3', (_error, stream) => stream.on('exit', resolve).resume())),
    ).toBe(3)
    client.end()
  })

  test('INIT and replies survive any cutting of the bytes', async () => {
    const { channel, client } = await raw()
    for (const byte of Buffer.concat([init, packet(17, u32(9), text('/'))])) channel.write(Buffer.from([byte]))
    expect(await reply(channel, 9)).toMatchObject({ type: 105 })
    client.end()
  })
})
