import { expect, test } from 'vitest'
import { packetType, writePacket } from '../../../relay/sftp/packet.ts'
import type { SftpClient } from '../../../relay/sftp/sftpClient.ts'
import { Refusal } from '../../../shared/failure.ts'
import { type Asked, scriptedSftp } from '../../harness/scriptedSftp.ts'

const { status, handle, data, name, attrs, version, extended, extendedReply } = packetType
const anyHandle = Buffer.from('handle')

/** Bytes of a packet that says of itself that it is so long. */
function lengthOf(length: number, ...bytes: number[]): Buffer {
  const packet = Buffer.alloc(4 + bytes.length, 0)
  packet.writeUInt32BE(length)
  packet.set(bytes, 4)
  return packet
}

const broken: [what: string, ask: (client: SftpClient) => Promise<unknown>, reply: (asked: Asked) => Buffer][] = [
  ['an id that nobody asked with', (c) => c.stat('/'), ({ id }) => writePacket(status, [id + 1, 0, '', ''])],
  ['another type', (c) => c.stat('/'), ({ id }) => writePacket(data, [id, 'x'])],
  ['a type that there is not', (c) => c.stat('/'), ({ id }) => writePacket(77, [id])],
  ['a request as a reply', (c) => c.stat('/'), ({ id }) => writePacket(packetType.open, [id, '/', 1, 0])],
  ['OK in place of a handle', (c) => c.open('/', { read: true }), ({ id }) => writePacket(status, [id, 0, '', ''])],
  ['OK in place of data', (c) => c.read(anyHandle, 0, 9), ({ id }) => writePacket(status, [id, 0, '', ''])],
  ['OK in place of entries', (c) => c.readdir(anyHandle), ({ id }) => writePacket(status, [id, 0, '', ''])],
  ['more entries than there are', (c) => c.readdir(anyHandle), ({ id }) => writePacket(name, [id, 0xffffffff])],
  ['no attributes behind their flags', (c) => c.stat('/'), ({ id }) => writePacket(attrs, [id, 0xf])],
  ['more pairs than there are', (c) => c.stat('/'), ({ id }) => writePacket(attrs, [id, 0x80000000, 0xffffffff])],
  ['a handle of 257 bytes', (c) => c.opendir('/'), ({ id }) => writePacket(handle, [id, 'x'.repeat(257)])],
  ['a string beyond its packet', (c) => c.readlink('/'), ({ id }) => writePacket(name, [id, 1, 0xffffffff])],
  ['two names for one', (c) => c.realpath('/x'), ({ id }) => writePacket(name, [id, 2, 'a', '', 0, 'b', '', 0])],
  ['no name for one', (c) => c.readlink('/'), ({ id }) => writePacket(name, [id, 0])],
  ['an empty name', (c) => c.readlink('/'), ({ id }) => writePacket(name, [id, 1, '', '', 0])],
  ['NUL in a path', (c) => c.readlink('/'), ({ id }) => writePacket(name, [id, 1, 'a\0b', '', 0])],
  ['more bytes than asked for', (c) => c.read(anyHandle, 0, 9), ({ id }) => writePacket(data, [id, '0123456789'])],
  ['a status without its code', (c) => c.stat('/'), ({ id }) => writePacket(status, [id])],
  ['a packet without an id', (c) => c.stat('/'), () => writePacket(status, [])],
  ['a packet of no bytes', (c) => c.stat('/'), () => lengthOf(0)],
  ['a packet of 256 KiB and one', (c) => c.stat('/'), () => lengthOf(256 * 1024 + 1, status)],
  ['a packet of 4 GiB', (c) => c.stat('/'), () => lengthOf(0xffffffff, status)],
  [
    'the same reply twice',
    (c) => c.stat('/').then(() => c.stat('/')),
    ({ id }) => {
      const reply = writePacket(attrs, [id, 0])
      return Buffer.concat([reply, reply])
    },
  ],
]

test.each(broken)('S-LST-02 %s ends the conversation, and nothing else', async (_, ask, reply) => {
  const scripted = await scriptedSftp((asked) =>
    asked.type === packetType.realpath && asked.id === 0 ? undefined : reply(asked),
  )
  const beside = scripted.client.fstat(anyHandle).catch((error: unknown) => error)
  await expect(ask(scripted.client)).rejects.toMatchObject({ code: 'bad-reply', phase: 'files' })
  await beside
  await expect.poll(() => scripted.over, { timeout: 10_000 }).toMatchObject({ code: 'bad-reply' })
  await expect(scripted.client.stat('/')).rejects.toMatchObject({ code: 'bad-reply' })
  // What comes now is nobody's.
  scripted.send(writePacket(status, [0, 0, '', '']))
})

test.each([
  ['a start-up file that prints', Buffer.from('Welcome to the machine!\n')],
  ['another version', writePacket(version, [4])],
  ['a status', writePacket(status, [0, 0, '', ''])],
  ['a version cut off', writePacket(version, [])],
])('%s in place of VERSION is no SFTP server', async (_, bytes) => {
  await expect(scriptedSftp(undefined, { version: bytes })).rejects.toMatchObject({ code: 'sftp-refused' })
})

test('S-XFR-02 a server that says nothing is given up, whatever else was asked of it', async () => {
  const scripted = await scriptedSftp(({ type }) => (type === packetType.read ? Buffer.alloc(0) : undefined), {
    stallMs: 50,
  })
  const stalled = scripted.client.read(anyHandle, 0, 1)
  await expect(stalled).rejects.toMatchObject({
    code: 'server-disconnected',
    message: expect.stringContaining('did not answer'),
  })
  expect(scripted.over).toMatchObject({ code: 'server-disconnected' })
  expect(scripted.client.pending).toBe(0)
})

test('what the server says of a failure decides its code, and is passed on without teeth', async () => {
  const says: [code: number, message: string | undefined, failure: string, said: string | undefined][] = [
    [2, 'No such file', 'no-such-file', undefined],
    [3, 'Permission denied', 'permission-denied', undefined],
    [4, 'Failure', 'sftp-failure', undefined],
    [4, undefined, 'sftp-failure', undefined],
    [4, 'write: No space left on device', 'no-space', 'write: No space left on device'],
    [4, 'Disk quota exceeded', 'no-space', 'Disk quota exceeded'],
    [4, 'Directory not empty', 'not-empty', 'Directory not empty'],
    [4, 'Read-only file system', 'read-only', 'Read-only file system'],
    [4, 'File already exists', 'file-exists', 'File already exists'],
    [8, 'Operation unsupported', 'sftp-unsupported', undefined],
    [11, 'x', 'file-exists', 'x'],
    [14, 'x', 'no-space', 'x'],
    [18, 'x', 'not-empty', 'x'],
    [99, '\u001b[2Jbad\u202e\n', 'sftp-failure', '\\e[2Jbad\\u{202e}'],
    [4, 'y'.repeat(10_000), 'sftp-failure', `${'y'.repeat(199)}…`],
  ]
  for (const [code, message, failure, said] of says) {
    const fields = message === undefined ? [code] : [code, message, '']
    const { client } = await scriptedSftp(({ type, id }) =>
      type === packetType.remove ? writePacket(status, [id, ...fields]) : undefined,
    )
    await expect(client.remove('/x')).rejects.toMatchObject({ code: failure, said })
    client.close(new Error('over') as never)
  }
})

test('reads and writes are as large as the server says that they may be', async () => {
  const announce = writePacket(version, [3, 'limits@openssh.com', '1'])
  const cases: [fields: bigint[] | undefined, limits: object][] = [
    [undefined, { read: 32_000, write: 32_000, handles: Number.POSITIVE_INFINITY }],
    [[0n, 0n, 0n, 0n], { read: 32_000, write: 32_000, handles: Number.POSITIVE_INFINITY }],
    [[262_144n, 261_120n, 261_120n, 1019n], { read: 261_120, write: 261_120, handles: 1019 }],
    [[1n << 63n, 1n << 63n, 1n << 62n, 1n << 60n], { read: 261_120, write: 261_120, handles: 2 ** 60 }],
    [[34_000n, 65_536n, 8192n, 5n], { read: 32_976, write: 8192, handles: 5 }],
  ]
  for (const [fields, limits] of cases) {
    const { client } = await scriptedSftp(
      ({ type, id }) => (type === extended && fields ? writePacket(extendedReply, [id, ...fields]) : undefined),
      { version: announce },
    )
    expect(client.limits).toEqual(limits)
  }
  const silent = await scriptedSftp()
  expect(silent.client.limits).toMatchObject({ read: 32_000, write: 32_000 })
  expect(silent.client.home).toBe('/home')
})

test('what the server has not announced is not asked of it', async () => {
  const { client, asked } = await scriptedSftp()
  const before = asked.length
  const tries = [
    client.posixRename('/a', '/b'),
    client.hardlink('/a', '/b'),
    client.fsync(anyHandle),
    client.statvfs('/'),
    client.lsetstat('/a', { mode: 0 }),
    client.copyData(anyHandle, 0, 1, anyHandle, 0),
  ]
  for (const one of await Promise.allSettled(tries))
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'sftp-unsupported' } })
  expect(asked.length).toBe(before)
})

test('a file with a size beyond 2^53 is there, and said to have that', async () => {
  const { client } = await scriptedSftp(({ type, id }) =>
    type === packetType.stat ? writePacket(attrs, [id, 1, 1n << 60n]) : undefined,
  )
  expect(await client.stat('/holes')).toEqual({ size: Number.MAX_SAFE_INTEGER })
})

test('answers come in any order, and in pieces of any size', async () => {
  const kept: Asked[] = []
  const { client, send } = await scriptedSftp((asked) => {
    if (asked.type !== packetType.read) return undefined
    kept.push(asked)
    return Buffer.alloc(0)
  })
  const reads = [1, 2, 3].map((length) => client.read(anyHandle, 0, length))
  await expect.poll(() => kept.length, { timeout: 10_000 }).toBe(3)
  const replies = kept.map(({ id }, at) => writePacket(data, [id, 'x'.repeat(at + 1)])).toReversed()
  for (const byte of Buffer.concat(replies)) send(Buffer.of(byte))
  expect((await Promise.all(reads)).map(({ length }) => length)).toEqual([1, 2, 3])
})

test('what is asked in one turn goes out in one piece, in order; what is large goes behind it without a copy', async () => {
  const { client, asked, pieces } = await scriptedSftp(({ type, id }) =>
    type === packetType.realpath ? undefined : writePacket(status, [id, 0, '', '']),
  )
  const [requests, before] = [asked.length, pieces.length]
  const small = Promise.all([client.mkdir('/a'), client.rmdir('/b'), client.remove('/c')])
  const large = Promise.all([client.mkdir('/d'), client.write(anyHandle, 0, Buffer.alloc(100_000, 7))])
  await Promise.all([small, large, client.rmdir('/e')])
  const { mkdir, rmdir, remove, write } = packetType
  expect(asked.slice(requests).map(({ type }) => type)).toEqual([mkdir, rmdir, remove, mkdir, write, rmdir])
  // The head of what is large comes with what was asked before it.
  expect(pieces.slice(before)).toEqual([4, 1, 1])
})

test('what was asked for last goes out, though the conversation ends in the same turn', async () => {
  const { client, asked } = await scriptedSftp()
  const closed = client.closeHandle(anyHandle)
  client.close(new Refusal('draining'))
  await expect(closed).rejects.toMatchObject({ code: 'draining' })
  await expect.poll(() => asked.at(-1)?.type).toBe(packetType.close)
})

test('where there is nothing that is no failure, as servers of all versions say it', async () => {
  for (const code of [2, 10]) {
    const { client } = await scriptedSftp(({ type, id }) =>
      type === packetType.lstat ? writePacket(status, [id, code, 'No such file', '']) : undefined,
    )
    expect(await client.find('/nowhere')).toBeUndefined()
    await expect(client.lstat('/nowhere')).rejects.toMatchObject({ code: 'no-such-file' })
  }
  const { client } = await scriptedSftp(({ type, id }) =>
    type === packetType.lstat ? writePacket(status, [id, 3, 'Permission denied', '']) : undefined,
  )
  await expect(client.find('/root/x')).rejects.toMatchObject({ code: 'permission-denied' })
})
