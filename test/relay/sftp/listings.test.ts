import { expect, test } from 'vitest'
import { Listings } from '../../../relay/sftp/listings.ts'
import { type Field, packetType, writePacket } from '../../../relay/sftp/packet.ts'
import { bounds } from '../../../shared/protocol.ts'
import { scriptedSftp } from '../../harness/scriptedSftp.ts'

const LINK = 0o120777
const FILE = 0o100644

/** A directory whose READDIR gives what the test says, by its count; nothing at its end. */
async function directory(batch: (turn: number) => Field[][] | undefined, max = 8) {
  let turn = 0
  const scripted = await scriptedSftp(({ type, id }) => {
    if (type === packetType.opendir) return writePacket(packetType.handle, [id, 'directory'])
    if (type === packetType.close) return writePacket(packetType.status, [id, 0, '', ''])
    if (type === packetType.readlink) return writePacket(packetType.name, [id, 1, 'where it points', '', 0])
    if (type !== packetType.readdir) return undefined
    const entries = batch(turn++)
    if (!entries) return writePacket(packetType.status, [id, 1, 'end', ''])
    return writePacket(packetType.name, [id, entries.length, ...entries.flat()])
  })
  const closed = () => scripted.asked.filter(({ type }) => type === packetType.close).length
  return { ...scripted, listings: new Listings(scripted.client, max), closed }
}

const entry = (name: string | Buffer, mode = FILE): Field[] => [name, '', 4, mode]

test('S-LST-01 a listing without end is cut at its bound of entries, and says so', async () => {
  const endless = (turn: number) => Array.from({ length: 4000 }, (_, at) => entry(`${turn}-${at}`))
  const { listings, closed } = await directory(endless)
  const { files, more } = await listings.list({ path: '/' })
  expect(files.length).toBe(bounds.listing)
  expect(more).toBe(true)
  await expect.poll(closed).toBe(1)
})

test('S-LST-01 the same in pages of which each is bounded, and one of names of 4 KB by its bytes', async () => {
  const long = Array.from({ length: 60 }, (_, at) => entry(`${String(at).padStart(4, '0')}${'x'.repeat(4000)}`))
  const { listings } = await directory(() => long)
  let { cursor, files, more } = await listings.list({ path: '/', page: bounds.page })
  let entries = files.length
  while (cursor) {
    expect(files.length).toBeLessThan(150)
    ;({ cursor, files, more } = await listings.list({ path: '/', page: bounds.page, cursor }))
    entries += files.length
  }
  expect(more).toBe(true)
  expect(entries).toBeLessThan(bounds.listingBytes / 8000)
  expect(entries).toBeGreaterThan(bounds.listingBytes / 10_000)
}, 30_000)

test('S-NAM-01 entries that are no name of a file are left out, and counted', async () => {
  const names = ['fine', '..', '.', '', 'a/b', '/etc/passwd', 'a\0b', 'x'.repeat(4097), '.hidden', '...']
  const batches = [names.map((name) => entry(name)), [entry(Buffer.from('caf\xe9', 'latin1'))]]
  const { listings } = await directory((turn) => batches[turn])
  const { files, dropped } = await listings.list({ path: '/', page: 100 })
  expect(files.map(({ name }) => name)).toEqual(['fine', '.hidden', '...', 'caf\udce9'])
  expect(files[3]?.path).toBe('/home/caf\udce9')
  expect(dropped).toBe(5)
})

test('links in a page say where they point', async () => {
  const { listings } = await directory((turn) => (turn === 0 ? [entry('link', LINK), entry('file')] : undefined))
  const { files } = await listings.list({ path: '/', page: 10 })
  expect(files).toMatchObject([{ type: 'symlink', target: 'where it points' }, { type: 'file' }])
  expect(files[1]).not.toHaveProperty('target')
})

test('a listing that is given up makes room for another', async () => {
  const { listings, closed } = await directory((turn) => [entry(`${turn}`)], 1)
  const { cursor } = await listings.list({ path: '/', page: 1 })
  await expect(listings.list({ path: '/', page: 1 })).rejects.toMatchObject({ code: 'too-many-handles' })
  expect(await listings.list({ path: '/', cursor, stop: true })).toEqual({ path: '/home', files: [] })
  await expect.poll(closed).toBe(1)
  await expect(listings.list({ path: '/', cursor })).rejects.toMatchObject({ code: 'no-session' })
  await listings.list({ path: '/', page: 1 })
})

test('the server reads on while a page is taken, as far as it was asked to', async () => {
  const { listings, asked } = await directory((turn) => [entry(`${turn}`)])
  const reads = async () => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    return asked.filter(({ type }) => type === packetType.readdir).length
  }
  const { cursor } = await listings.list({ path: '/', page: 3 })
  const before = await reads()
  expect(before).toBeGreaterThan(4)
  expect(before).toBeLessThan(4 + 8)
  await listings.list({ path: '/', page: 3, cursor })
  expect(await reads()).toBeGreaterThan(before)
})
