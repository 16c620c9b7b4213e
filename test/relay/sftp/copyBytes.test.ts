import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { copyBytes } from '../../../relay/sftp/copyBytes.ts'
import { packetType, writePacket } from '../../../relay/sftp/packet.ts'
import { bounds } from '../../../shared/protocol.ts'
import { readOf, status, stringOf } from '../../harness/lyingSftp.ts'
import { type Asked, scriptedSftp } from '../../harness/scriptedSftp.ts'

const handle = Buffer.from('handle')
const never = new AbortController().signal

/** A file that is read as the server sees fit. */
function source(content: Buffer, most = Number.POSITIVE_INFINITY) {
  return scriptedSftp((asked) => {
    if (asked.type !== packetType.read) return undefined
    const { offset, length } = readOf(asked)
    const data = content.subarray(offset, offset + Math.min(length, most))
    return data.length > 0 ? writePacket(packetType.data, [asked.id, data]) : status(asked.id, 1)
  })
}

/** A file that takes what is written, as `take` says. */
async function target(take: (asked: Asked, bytes: number) => Buffer = ({ id }) => status(id, 0)) {
  const content = Buffer.alloc(4 * 1024 * 1024)
  let end = 0
  const scripted = await scriptedSftp((asked) => {
    if (asked.type !== packetType.write) return undefined
    const { next } = stringOf(asked.body)
    const { bytes } = stringOf(asked.body, next + 8)
    const offset = Number(asked.body.readBigUInt64BE(next))
    bytes.copy(content, offset)
    end = Math.max(end, offset + bytes.length)
    return take(asked, bytes.length)
  })
  return { ...scripted, written: () => content.subarray(0, end) }
}

test('S-XFR-02 short reads are read on until all is there', async () => {
  const bytes = randomBytes(1_000_000)
  const [from, to] = await Promise.all([source(bytes, 7777), target()])
  const places = [
    { client: from.client, handle, offset: 10 },
    { client: to.client, handle, offset: 0 },
  ] as const
  expect(await copyBytes(...places, 900_000, never)).toBe(900_000)
  expect(to.written().equals(bytes.subarray(10, 900_010))).toBe(true)
})

test('S-XFR-02 where the file ends is where the copy ends, and it says so', async () => {
  const bytes = randomBytes(700_001)
  const [from, to] = await Promise.all([source(bytes, 20_000), target()])
  const places = [
    { client: from.client, handle, offset: 0 },
    { client: to.client, handle, offset: 0 },
  ] as const
  expect(await copyBytes(...places, bounds.copy, never)).toBe(700_001)
  expect(to.written().equals(bytes)).toBe(true)
})

test('S-XFR-07 no more than 2 MiB are on their way, however slow the other side is', async () => {
  const held: number[] = []
  const [from, to] = await Promise.all([
    source(Buffer.alloc(3_000_000)),
    target(({ id }) => {
      held.push(id)
      return Buffer.alloc(0)
    }),
  ])
  const places = [
    { client: from.client, handle, offset: 0 },
    { client: to.client, handle, offset: 0 },
  ] as const
  const copying = copyBytes(...places, 3_000_000, never)
  const ahead = Math.floor(bounds.copyAhead / 32_000)
  await expect.poll(() => held.length, { timeout: 10_000 }).toBe(ahead)
  expect(from.asked.filter(({ type }) => type === packetType.read).length).toBe(ahead)
  for (let answered = 0; answered < Math.ceil(3_000_000 / 32_000); answered++) {
    await expect.poll(() => held.length, { timeout: 10_000 }).toBeGreaterThan(0)
    to.send(status(held.shift() ?? 0, 0))
  }
  expect(await copying).toBe(3_000_000)
})

test('a failure of either side, and a session that ends, stop it', async () => {
  const [from, full] = await Promise.all([
    source(Buffer.alloc(3_000_000)),
    target(({ id }) => status(id, 4, 'No space left on device')),
  ])
  const into = { client: full.client, handle, offset: 0 }
  const out = { client: from.client, handle, offset: 0 }
  await expect(copyBytes(out, into, 3_000_000, never)).rejects.toMatchObject({ code: 'no-space' })
  const writes = full.asked.filter(({ type }) => type === packetType.write).length
  expect(writes).toBeLessThan(3_000_000 / 32_000)
  await expect(copyBytes(out, into, 10, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  expect(full.asked.filter(({ type }) => type === packetType.write).length).toBe(writes)
})
