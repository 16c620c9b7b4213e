import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { dropShared, readShared } from '../../../../pwa/model/transfers/shared.ts'
import { pathsOf } from './fakeFiles.ts'

const id = '0b1c7d1e-3d0f-4c53-9f43-6f0f8a3b0c11'
const asked: string[] = []
let answers: Record<string, Response> = {}

beforeEach(() => {
  asked.length = 0
  // The service worker's side is another program; here is what it may answer.
  vi.stubGlobal('fetch', async (address: string, { method = 'GET' } = {}) => {
    asked.push(`${method} ${address}`)
    return answers[address] ?? new Response(null, { status: 404 })
  })
})

afterEach(() => vi.unstubAllGlobals())

it('reads the list of a share, and its files one by one', async () => {
  answers = {
    [`/share/${id}`]: Response.json({
      files: [
        { name: 'a.txt', size: 1, modifiedAt: 7 },
        { name: '../b', size: 2, modifiedAt: 8 },
      ],
    }),
    [`/share/${id}/0`]: new Response('a'),
    [`/share/${id}/1`]: new Response('bb'),
  }
  const shared = await readShared(id)
  expect(shared?.taken.names).toEqual(['a.txt', 'b'])
  expect(asked).toEqual([`GET /share/${id}`])
  expect(await pathsOf(shared?.taken)).toEqual(['a.txt', 'b'])
})

it.each([
  ['nothing', undefined],
  ['no list', Response.json({ files: [] })],
  ['junk', new Response('<html>')],
  ['wrong types', Response.json({ files: [{ name: 7, size: '1', modifiedAt: null }] })],
  ['a negative size', Response.json({ files: [{ name: 'a', size: -1, modifiedAt: 0 }] })],
  ['too many', Response.json({ files: Array.from({ length: 1001 }, () => ({ name: 'a', size: 1, modifiedAt: 0 })) })],
])('is nothing where the answer is %s', async (_, answer) => {
  answers = answer ? { [`/share/${id}`]: answer } : {}
  expect(await readShared(id)).toBeUndefined()
})

it('asks for no address that a link has made up', async () => {
  for (const junk of ['none', '../api/auth/status', `${id}/0`, '']) {
    expect(await readShared(junk)).toBeUndefined()
    await dropShared(junk)
  }
  expect(asked).toEqual([])
  await dropShared(id)
  expect(asked).toEqual([`DELETE /share/${id}`])
})
