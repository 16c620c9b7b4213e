import { randomBytes, randomUUID } from 'node:crypto'
import { openDB } from 'idb'
import { expect, it } from 'vitest'
import { openStore } from '../../../../pwa/store/db.ts'
import { given, isOver, openFiles, openFolder, sha256 } from '../../../harness/moving.ts'
import { startTestRelay } from '../../../harness/relay.ts'
import { startSshd } from '../../../harness/sshd.ts'

const end = { username: 'u', host: 'h', port: 22, by: '' }
const upload = {
  id: 'upload',
  kind: 'upload',
  title: 'f',
  state: 'queued',
  createdAt: 1,
  window: 'w',
  to: end,
  directory: '/tmp',
  random: '0123456789ab',
  listed: true,
  chunks: 1,
  files: 1,
  filesDone: 0,
  bytes: 0,
  total: 1,
  problems: [],
  problemCount: 0,
}
const { to: _, ...nowhere } = upload

const junk: Record<string, object> = {
  empty: {},
  'of no kind': { ...upload, kind: 'other' },
  'to nowhere': nowhere,
  'without a directory': { ...upload, directory: undefined },
  'a download from nowhere': { ...upload, kind: 'download' },
  'a copy from nowhere': { ...upload, kind: 'copy' },
  'a path in its random part': { ...upload, random: '../../etc/ab' },
  'more chunks than there can be': { ...upload, chunks: 1e9 },
  'endless bytes': { ...upload, bytes: Number.POSITIVE_INFINITY },
  'problems that are none': { ...upload, problems: [7] },
  'roots that are no directories': { ...upload, roots: [{ kind: 'file', name: 'x' }] },
  'leftovers without a path': { ...upload, leftovers: [''] },
}

it('C-IDB-02 S-XFR-06 junk in the store is set aside, what has lost its files fails, and the others go on', async () => {
  const [sshd, relay, folder, name] = [await startSshd(), await startTestRelay(), openFolder(), randomUUID()]
  const { username, host, port } = sshd
  const here = { username, host, port, by: '' }
  ;(await openStore(name)).close()
  const raw = await openDB(name)
  for (const [id, one] of Object.entries(junk)) await raw.put('transfers', { ...one, id })
  await raw.put('transfers', { ...upload, id: 'gone', kind: 'copy', from: here, to: here })
  await raw.put('transfers', { ...upload, id: 'broken', kind: 'copy', from: here, to: here })
  await raw.put('transferItems', { id: 'broken 0', items: [{ path: ['..'], kind: 'file', size: 'x' }] })
  raw.close()
  const { browser, tab } = await openFiles(sshd, relay.url, { name })
  const { transfers, store } = browser.app
  expect(transfers.items.value.map(({ id }) => id).sort()).toEqual(['broken', 'gone'])
  for (const id of ['broken', 'gone'])
    expect(await isOver(browser, id)).toMatchObject({ state: 'failed', failure: { code: 'items-lost' } })
  const aside = await store.aside()
  expect(aside.map(({ id }) => id).sort()).toEqual([...Object.keys(junk), 'broken 0'].sort())
  const data = randomBytes(1000)
  const id = await transfers.upload(tab, folder.path, [given('f', data)])
  expect((await isOver(browser, id)).state).toBe('done')
  expect(sha256(folder.read('f'))).toBe(sha256(data))
  await transfers.remove('gone')
  expect(transfers.items.value.map((item) => item.id)).not.toContain('gone')
  await browser.close()

  // What is lost stays lost: nothing of it is ever said to be done.
  const again = await openFiles(sshd, relay.url, { name })
  await again.browser.app.transfers.retry('broken')
  expect(await isOver(again.browser, 'broken')).toMatchObject({ state: 'failed', failure: { code: 'items-lost' } })
  await again.browser.close()
  await relay.close()
  await sshd.close()
  folder.remove()
})
