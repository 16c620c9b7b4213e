import { expect, test } from 'vitest'
import { packetType, writePacket } from '../../../relay/sftp/packet.ts'
import { type Doubt, withReason } from '../../../relay/sftp/reason.ts'
import { Refusal } from '../../../shared/failure.ts'
import { scriptedSftp } from '../../harness/scriptedSftp.ts'

const FILE = [4, 0o100644] as const

/** A server where there is a file at `/file`, something in `/full`, nothing in `/empty`, and this much space. */
function world(space: { available: bigint; files: bigint; filesAvailable: bigint; flags: bigint }) {
  let listed = false
  return scriptedSftp(
    ({ type, id, body }) => {
      const path = body.subarray(4, 4 + body.readUInt32BE(0)).toString()
      const { available, files, filesAvailable, flags } = space
      switch (type) {
        case packetType.lstat:
          if (path === '/file') return writePacket(packetType.attrs, [id, ...FILE])
          return writePacket(packetType.status, [id, 2, '', ''])
        case packetType.opendir:
          return writePacket(packetType.handle, [id, path])
        case packetType.readdir: {
          if (listed) return writePacket(packetType.status, [id, 1, '', ''])
          listed = true
          const names = path === '/full' ? ['.', '..', 'x'] : ['.', '..']
          return writePacket(packetType.name, [id, names.length, ...names.flatMap((name) => [name, '', ...FILE])])
        }
        case packetType.close:
          return writePacket(packetType.status, [id, 0, '', ''])
        case packetType.extended: {
          const asked = body.subarray(8 + body.readUInt32BE(0)).toString()
          // Of what there is not, there is no space; of the directory above there is.
          if (asked === '/nowhere/new') return writePacket(packetType.status, [id, 2, '', ''])
          const fields = [
            4096n,
            4096n,
            100n,
            available,
            available,
            files,
            filesAvailable,
            filesAvailable,
            0n,
            flags,
            255n,
          ]
          return writePacket(packetType.extendedReply, [id, ...fields])
        }
        default:
          return undefined
      }
    },
    { version: writePacket(packetType.version, [3, 'statvfs@openssh.com', '2']) },
  )
}

const plenty = { available: 50n, files: 10n, filesAvailable: 5n, flags: 0n }

const reasons: [what: string, space: object, doubt: Doubt, failed: Refusal['code'], reason: Refusal['code']][] = [
  ['a name that is taken', {}, { taken: '/file', written: '/file' }, 'sftp-failure', 'file-exists'],
  ['a name that is free', {}, { taken: '/free' }, 'sftp-failure', 'sftp-failure'],
  ['a directory with something in it', {}, { full: '/full' }, 'sftp-failure', 'not-empty'],
  ['a directory with nothing in it', {}, { full: '/empty' }, 'sftp-failure', 'sftp-failure'],
  ['a full disk', { available: 0n }, { written: '/new' }, 'sftp-failure', 'no-space'],
  ['no names left', { filesAvailable: 0n }, { written: '/new' }, 'sftp-failure', 'no-space'],
  [
    'a file system that counts no names',
    { files: 0n, filesAvailable: 0n },
    { written: '/new' },
    'sftp-failure',
    'sftp-failure',
  ],
  ['what cannot be written to', { flags: 1n }, { written: '/nowhere/new' }, 'permission-denied', 'read-only'],
  [
    'a full disk that one may not write to',
    { available: 0n },
    { written: '/new' },
    'permission-denied',
    'permission-denied',
  ],
  ['what is said already', { available: 0n }, { written: '/new' }, 'no-such-file', 'no-such-file'],
]

test.each(reasons)('%s', async (_, space, doubt, failed, reason) => {
  const { client, over } = await world({ ...plenty, ...space })
  const work = () => Promise.reject(new Refusal(failed, { phase: 'files', said: 'as it says' }))
  await expect(withReason(client, doubt, work)).rejects.toMatchObject({ code: reason, said: 'as it says' })
  expect(over).toBeUndefined()
})

test('what is no failure of the server passes as it is', async () => {
  const { client } = await world(plenty)
  expect(await withReason(client, { written: '/' }, async () => 'fine')).toBe('fine')
  await expect(withReason(client, { written: '/' }, () => Promise.reject(new TypeError('a bug')))).rejects.toThrow(
    'a bug',
  )
})
