import * as v from 'valibot'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { localName } from '../../../../pwa/model/out/localName.ts'
import type { TabView } from '../../../../pwa/model/tabs.ts'
import { dragOut, filesType } from '../../../../pwa/ui/files/dragOut.ts'
import type { FileInfo } from '../../../../shared/fileInfo.ts'
import { clientEvents } from '../../../../shared/protocol.ts'

const chromium = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

beforeEach(() => vi.stubGlobal('navigator', { userAgent: chromium }))
afterEach(() => vi.unstubAllGlobals())

const file = (name: string, more: Partial<FileInfo> = {}): FileInfo => ({
  name,
  path: `/home/me/${name}`,
  size: 1,
  type: 'file',
  permissions: '-rw-r--r--',
  owner: 'me',
  group: 'me',
  modifiedAt: new Date(0),
  mode: 0o100644,
  ...more,
})

/** What a drag of these carries, and what the relay is asked to hold ready; `holds` says where, if it can. */
function dragged(files: readonly FileInfo[], holds: string | undefined = 'https://relay.example/offer/1') {
  const carried = new Map<string, string>()
  const offered: unknown[] = []
  const offer = (path: string, name: string) => {
    offered.push({ path, name })
    return holds
  }
  const dataTransfer = { effectAllowed: '', setData: (type: string, data: string) => carried.set(type, data) }
  // The parts of an event and of a tab that a drag has to do with.
  dragOut({ dataTransfer } as unknown as DragEvent, { id: 'tab', sftp: { offer } } as unknown as TabView, files)
  return { carried, offered }
}

test('one file that is dragged is a path, a row, and a file that Chromium fetches from its relay, wherever that is', () => {
  const { carried, offered } = dragged([file('a:b.txt')])
  expect(Object.fromEntries(carried)).toEqual({
    [filesType]: JSON.stringify({ tabId: 'tab', paths: ['/home/me/a:b.txt'] }),
    'text/plain': '/home/me/a:b.txt',
    DownloadURL: 'application/octet-stream:a_b.txt:https://relay.example/offer/1',
  })
  expect(offered).toEqual([{ path: '/home/me/a:b.txt', name: 'a_b.txt' }])
})

test.each([
  ['a folder', [file('dir', { type: 'directory', mode: 0o40755 })]],
  ['a link', [file('link', { type: 'symlink', mode: 0o120777 })]],
  ['a pipe', [file('pipe', { mode: 0o10644 })]],
  ['several files', [file('a'), file('b')]],
])('%s is nothing to fetch', (_, files) => {
  const { carried, offered } = dragged(files)
  expect([...carried.keys()]).toEqual([filesType, 'text/plain'])
  expect(offered).toEqual([])
})

test('where nothing would fetch it, or the relay cannot hold it ready, the rest is as ever', () => {
  // Of relays that say too little, `offer` gives nothing.
  expect([...dragged([file('a')], '').carried.keys()]).toEqual([filesType, 'text/plain'])
  vi.stubGlobal('navigator', { userAgent: firefox })
  const { carried, offered } = dragged([file('a')])
  expect([...carried.keys()]).toEqual([filesType, 'text/plain'])
  expect(offered).toEqual([])
})

test('S-NAM-01 the relay takes every name that is safe here', () => {
  const takes = (name: string) =>
    v.is(clientEvents['sftp-offer'].payload, { sessionId: 's', id: '0'.repeat(32), path: '/a', name })
  // Letters of the many scripts between are all alike.
  for (let unit = 0; unit <= 0xffff; unit += unit > 0x3000 && unit < 0xd7c0 ? 64 : 1) {
    const name = `a${String.fromCharCode(unit)}b`
    const safe = localName(name)
    if (!takes(safe)) expect.fail(`${JSON.stringify(name)} becomes ${JSON.stringify(safe)}, which is not taken`)
    if (takes(name) && name !== safe && /[\p{Cc}/\\]/u.test(name)) expect.fail(`${JSON.stringify(name)} is taken`)
  }
  expect(takes(localName('é'.repeat(4000)))).toBe(true)
})
