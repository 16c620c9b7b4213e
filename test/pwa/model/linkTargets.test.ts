import { expect, it } from 'vitest'
import { Failed } from '../../../pwa/model/failure.ts'
import { LinkTargets, leadsTo } from '../../../pwa/model/linkTargets.ts'
import { Refusal } from '../../../shared/failure.ts'

type Answer = { attributes: { mode: number } }

/** A conversation whose answers a test gives one at a time. */
function server() {
  const asked: { path: string; resolve(answer: Answer): void; reject(error: unknown): void }[] = []
  const ask = (event: string, { path }: { path: string }) => {
    expect(event).toBe('sftp-stat')
    return new Promise<Answer>((resolve, reject) => asked.push({ path, resolve, reject }))
  }
  // `ask` takes every event of the protocol; only one is asked here.
  return { asked, sftp: { ask } as unknown as ConstructorParameters<typeof LinkTargets>[0] }
}
const directory = { attributes: { mode: 0o040755 } }
const regular = { attributes: { mode: 0o100644 } }
const refused = (code: 'no-such-file' | 'server-disconnected') => new Failed(new Refusal(code).toFailure())

it('knows directories, files, and links that lead nowhere', async () => {
  const { asked, sftp } = server()
  const three = ['/a', '/b', '/c'].map((path) => leadsTo(sftp, path))
  asked[0]?.resolve(directory)
  asked[1]?.resolve(regular)
  asked[2]?.reject(refused('no-such-file'))
  expect(await Promise.all(three)).toEqual(['directory', 'file', 'broken'])
  const lost = leadsTo(sftp, '/d')
  asked[3]?.reject(refused('server-disconnected'))
  await expect(lost).rejects.toBeInstanceOf(Failed)
})

it('asks about few at once, about each once, and not about what is out of sight again', async () => {
  const { asked, sftp } = server()
  const targets = new LinkTargets(sftp)
  const paths = Array.from({ length: 10 }, (_, index) => `/${index}`)
  targets.look(paths)
  expect(asked.map(({ path }) => path)).toEqual(['/0', '/1', '/2', '/3'])
  targets.look(['/0', '/9'])
  asked[0]?.resolve(directory)
  asked[1]?.reject(refused('server-disconnected'))
  await expect.poll(() => asked.length).toBe(5)
  expect(asked[4]?.path).toBe('/9')
  expect([...targets.known.value]).toEqual([['/0', 'directory']])
  // What was not answered is asked again; what is known is not.
  targets.look(['/0', '/1'])
  expect(asked.map(({ path }) => path).slice(5)).toEqual(['/1'])
  targets.close()
  asked[5]?.resolve(regular)
  await Promise.resolve()
  expect(targets.known.value.size).toBe(1)
})
