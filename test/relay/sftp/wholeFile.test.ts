import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { OpenFiles } from '../../../relay/sftp/openFiles.ts'
import { packetType, writePacket } from '../../../relay/sftp/packet.ts'
import { WholeFile } from '../../../relay/sftp/wholeFile.ts'
import { bounds } from '../../../shared/protocol.ts'
import { readOf, status } from '../../harness/lyingSftp.ts'
import { scriptedSftp } from '../../harness/scriptedSftp.ts'

const SIZE = 1
const PERMISSIONS = 4

/** A server with one file, of a size and a mode that it says. */
async function server(content: Buffer, says: { size?: number; mode?: number } = {}) {
  const { size = content.length, mode = 0o100644 } = says
  const attrs = (id: number) => writePacket(packetType.attrs, [id, SIZE | PERMISSIONS, BigInt(size), mode])
  const scripted = await scriptedSftp((asked) => {
    switch (asked.type) {
      case packetType.stat:
      case packetType.fstat:
        return attrs(asked.id)
      case packetType.open:
        return writePacket(packetType.handle, [asked.id, 'handle'])
      case packetType.close:
        return status(asked.id, 0)
      case packetType.read: {
        const { offset, length } = readOf(asked)
        const data = content.subarray(offset, offset + length)
        return data.length > 0 ? writePacket(packetType.data, [asked.id, data]) : status(asked.id, 1)
      }
      default:
        return undefined
    }
  })
  const count = (type: number) => scripted.asked.filter((asked) => asked.type === type).length
  return { ...scripted, count, files: new OpenFiles(1) }
}

test('S-XFR-07 no more than 2 MiB are read ahead of who takes them', async () => {
  const content = randomBytes(10 * 1024 * 1024)
  const { client, files, asked } = await server(content)
  const file = await WholeFile.open(client, files, '/file')
  const taken: Buffer[] = []
  let had = 0
  let most = 0
  for await (const piece of file.pieces()) {
    taken.push(piece)
    had += piece.length
    const reads = asked.filter(({ type }) => type === packetType.read).map(readOf)
    most = Math.max(most, ...reads.map(({ offset, length }) => offset + length - had))
  }
  expect(Buffer.concat(taken).equals(content)).toBe(true)
  expect(most).toBeLessThanOrEqual(bounds.copyAhead)
  // Which is made use of.
  expect(most).toBeGreaterThan(bounds.copyAhead / 2)
})

test('R-LIM-01 it counts as an open file until it is closed', async () => {
  const { client, files, count } = await server(Buffer.from('x'))
  const file = await WholeFile.open(client, files, '/file')
  await expect(WholeFile.open(client, files, '/file')).rejects.toMatchObject({ code: 'too-many-handles' })
  expect(count(packetType.open)).toBe(1)
  file.close()
  await expect.poll(() => WholeFile.open(client, files, '/file').then(() => 'open', String)).toBe('open')
})

test('a pipe, a device and a directory are never opened', async () => {
  for (const mode of [0o010644, 0o020644, 0o040755, 0o060644, 0o140644]) {
    const { client, files, count } = await server(Buffer.alloc(0), { mode })
    await expect(WholeFile.open(client, files, '/file')).rejects.toMatchObject({ code: 'sftp-failure' })
    expect(count(packetType.open)).toBe(0)
  }
})

test('what has no size is had whole, or not at all', async () => {
  const { client, files } = await server(Buffer.from('made up as it is read'), { size: 0 })
  const file = await WholeFile.open(client, files, '/file')
  expect(file.size).toBe(21)
  expect(Buffer.concat(await Readable.from(file.pieces()).toArray()).toString()).toBe('made up as it is read')
  const endless = await server(Buffer.alloc(bounds.copyAhead + 1), { size: 0 })
  await expect(WholeFile.open(endless.client, endless.files, '/file')).rejects.toMatchObject({ code: 'too-large' })
  await expect.poll(() => endless.count(packetType.close)).toBe(1)
})
