import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { pickCopy, WatchedFile } from '../../../../pwa/model/preview/watchedFile.ts'
import type { FileInfo } from '../../../../shared/fileInfo.ts'
import { type OpenFiles, openFiles } from '../../../harness/openFiles.ts'

let host: OpenFiles
let watched: WatchedFile | undefined

beforeAll(async () => {
  host = await openFiles()
})
afterEach(() => watched?.stop())
afterAll(() => host.close())

/** A file of this device, as the browser gives it; `save` is what another program does with it. */
class Copy {
  readonly kind = 'file'
  readonly name = 'copy.txt'
  text = ''
  changed = 0
  gone = false

  save(text: string): void {
    this.text = text
    this.changed++
  }

  async getFile(): Promise<File> {
    if (this.gone) throw new DOMException('gone', 'NotFoundError')
    return new File([this.text], this.name, { lastModified: this.changed })
  }

  async createWritable() {
    const pieces: Uint8Array[] = []
    return {
      write: async (data: Uint8Array) => void pieces.push(data.slice()),
      close: async () => this.save(Buffer.concat(pieces).toString()),
      abort: async () => undefined,
    }
  }
}

async function watch(name: string, text: string) {
  const path = join(host.folder, name)
  writeFileSync(path, text)
  const copy = new Copy()
  const file: FileInfo = {
    name,
    path,
    size: text.length,
    type: 'file',
    permissions: '-rw-r--r--',
    owner: '',
    group: '',
    modifiedAt: new Date(),
  }
  // The part of the handle's interface that is used.
  const handle = copy as unknown as FileSystemFileHandle
  watched = await WatchedFile.start(host.tab.sftp, file, 'host', handle)
  return { path, copy, watched }
}

/** The account owns it, so that it can be replaced. */
const own = (path: string) => host.sh(`cp ${path} ${path}.own && mv -f ${path}.own ${path}`)

describe('a copy of a file on this device', () => {
  it('is uploaded when a program has saved it, and only then', async () => {
    const { path, copy, watched } = await watch('one.txt', 'from the host')
    own(path)
    expect(copy.text).toBe('from the host')
    await watched.check()
    expect(watched.state.value).toEqual({ kind: 'watching' })
    copy.save('from here')
    await watched.check()
    expect(readFileSync(path, 'utf8')).toBe('from here')
    expect(watched.state.value).toMatchObject({ kind: 'watching', uploadedAt: expect.any(Date) })
  })

  it('S-XFR-04 is not uploaded over what the host has since, until the person says so', async () => {
    const { path, copy, watched } = await watch('two.txt', 'old')
    own(path)
    writeFileSync(path, 'new')
    copy.save('own')
    await watched.check()
    expect(watched.state.value).toEqual({ kind: 'changed' })
    expect(readFileSync(path, 'utf8')).toBe('new')
    await watched.answer('mine')
    expect(readFileSync(path, 'utf8')).toBe('own')
    writeFileSync(path, 'newer')
    copy.save('mine again')
    await watched.check()
    await watched.answer('theirs')
    expect(copy.text).toBe('newer')
    expect(watched.state.value).toEqual({ kind: 'watching' })
  })

  it('says when it is gone', async () => {
    const { copy, watched } = await watch('three.txt', 'x')
    copy.gone = true
    await watched.check()
    expect(watched.state.value).toMatchObject({ kind: 'failed', failure: { code: 'copy-gone' } })
  })

  it('needs a browser that can watch files, and says so', async () => {
    await expect(pickCopy('a.txt')).rejects.toMatchObject({ failure: { code: 'no-local-files' } })
  })
})
