import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { FileInfo } from '../../shared/fileInfo.ts'
import { chance } from './chance.ts'
import { startCut } from './cut.ts'
import { beforeWrites, given, isOver, MemoryGoal, openBesideShell, type openFolder, sha256 } from './moving.ts'
import type { TestRelay } from './relay.ts'
import type { Sshd } from './sshd.ts'

/** Where files go through a network that is cut so many times. */
export interface CutWorld {
  sshd: Sshd
  relay: TestRelay
  folder: ReturnType<typeof openFolder>
  cuts: number
}

const SIZE = 12 * 1024 * 1024
const PIECE = 255 * 1024

/** Places in a file, by chance, in order. */
function places(count: number, seed: number): number[] {
  const random = chance(seed)
  return Array.from({ length: count }, () => random(SIZE)).sort((a, b) => a - b)
}

/** Uploads a large file and sixty small ones while the network is cut; all must come whole, with nothing beside them. */
export async function uploadWithCuts({ sshd, relay, folder, cuts }: CutWorld): Promise<void> {
  const cut = await startCut(relay.port)
  const { browser, tab } = await openBesideShell(sshd, `http://127.0.0.1:${cut.port}`)
  const data = randomBytes(SIZE)
  const left = places(cuts, cut.port)
  let written = 0
  beforeWrites(tab, (end, bytes) => {
    written += bytes
    if (end <= (left[0] ?? Number.POSITIVE_INFINITY)) return
    left.shift()
    cut.cut()
  })
  const small = Array.from({ length: 60 }, (_, at) => [`s${at}`, randomBytes(at * 100)] as const)
  const sources = [given('f', data), ...small.map(([name, bytes]) => given(name, bytes))]
  const id = await browser.app.transfers.upload(tab, folder.path, sources)
  expect(await isOver(browser, id)).toMatchObject({ state: 'done', filesDone: 61 })
  expect(left).toEqual([])
  for (const [name, bytes] of [['f', data] as const, ...small]) expect(sha256(folder.read(name))).toBe(sha256(bytes))
  // What was acknowledged is not sent again: a window of pieces at most is lost with each cut.
  expect(written).toBeLessThan(SIZE + cuts * 17 * PIECE)
  expect(folder.names()).toEqual(['f', ...small.map(([name]) => name)].sort())
  await browser.close()
  await cut.close()
}

/** Downloads a large file while the network is cut; every byte must come once. */
export async function downloadWithCuts(
  { sshd, relay, folder, cuts }: CutWorld,
  kind: 'handle' | 'stream',
): Promise<void> {
  const cut = await startCut(relay.port)
  const { browser, tab } = await openBesideShell(sshd, `http://127.0.0.1:${cut.port}`)
  const data = randomBytes(SIZE)
  writeFileSync(join(folder.path, 'f'), data)
  const goal = new MemoryGoal(kind)
  const left = places(cuts, cut.port)
  let written = 0
  goal.gate = async () => {
    written += PIECE
    if (written <= (left[0] ?? Number.POSITIVE_INFINITY)) return
    left.shift()
    cut.cut()
  }
  const files: FileInfo[] = []
  for await (const page of tab.sftp.list(folder.path)) files.push(...page.files)
  const id = await browser.app.transfers.download(tab, files, goal)
  expect(await isOver(browser, id)).toMatchObject({ state: 'done' })
  expect(goal.resumed.length).toBeGreaterThan(cuts / 4)
  expect(sha256(goal.files.get('f') as Buffer)).toBe(sha256(data))
  await browser.close()
  await cut.close()
}
