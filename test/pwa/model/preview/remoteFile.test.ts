import { randomBytes } from 'node:crypto'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RemoteFile } from '../../../../pwa/model/preview/remoteFile.ts'
import { until } from '../../../harness/browser.ts'
import { type OpenFiles, openFiles } from '../../../harness/openFiles.ts'

let host: OpenFiles
let path: string

beforeAll(async () => {
  host = await openFiles()
  path = join(host.folder, 'data')
  writeFileSync(path, randomBytes(3 * 1024 * 1024 + 7))
})
afterAll(() => host.close())

const bytes = (from: number, to?: number) => new Uint8Array(readFileSync(path).subarray(from, to))

describe('a file that is read in ranges', () => {
  it('gives the whole range, and less only where the file ends', async () => {
    const file = new RemoteFile(host.tab.sftp, path)
    const told: number[] = []
    const size = readFileSync(path).length
    const all = await file.read(0, size + 100, { progress: (done) => told.push(done) })
    expect(Buffer.compare(all, readFileSync(path))).toBe(0)
    expect(told.at(-1)).toBe(size)
    expect(await file.read(1_000_000, 70_000)).toEqual(bytes(1_000_000, 1_070_000))
    expect(await file.read(size, 10)).toHaveLength(0)
    appendFileSync(path, 'more')
    expect(await file.read(size, 10)).toEqual(new TextEncoder().encode('more'))
    expect((await file.stat()).size).toBe(size + 4)
    await file.close()
  })

  it('is opened again after the link was lost', async () => {
    const file = new RemoteFile(host.tab.sftp, path)
    expect(await file.read(0, 4)).toEqual(bytes(0, 4))
    host.browser.app.endpoints.list.value[0]?.link.cut()
    await until(() => host.tab.sftp.state.value === 'closed')
    await host.browser.online()
    const reading = file.read(4, 4)
    await host.browser.prompt('login')
    await host.browser.answer({ kind: 'login', password: host.sshd.password })
    expect(await reading).toEqual(bytes(4, 8))
    await file.close()
  })

  it('says what is wrong, and stops when nobody wants it any more', async () => {
    await expect(new RemoteFile(host.tab.sftp, `${path}-not`).read(0, 1)).rejects.toMatchObject({
      failure: { code: 'no-such-file' },
    })
    const stop = new AbortController()
    stop.abort()
    const file = new RemoteFile(host.tab.sftp, path)
    await expect(file.read(0, 1000, { signal: stop.signal })).rejects.toBe(stop.signal.reason)
    await file.close()
  })
})
