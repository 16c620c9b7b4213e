import { beforeEach, expect, test, vi } from 'vitest'
import { extensionPlatform } from '../../extension/platform.extension.ts'

const asked: unknown[] = []
const opened: unknown[] = []

// Node has neither an extension's API nor an address; what the platform asks of them is what is tested.
vi.mock('wxt/browser', () => ({
  browser: {
    permissions: { request: async (what: unknown) => asked.push(what) > 0 },
    windows: { getCurrent: async () => ({ id: 7 }) },
    sidePanel: { open: async (where: unknown) => opened.push(where) },
    tabs: { create: async (what: unknown) => opened.push(what) },
  },
}))

const replaced: unknown[] = []

beforeEach(() => {
  for (const list of [asked, opened, replaced]) list.length = 0
  vi.stubGlobal('location', { hash: '', pathname: '/app.html' })
  vi.stubGlobal('history', { state: null, replaceState: (...all: unknown[]) => replaced.push(all[2]) })
  vi.stubGlobal('navigator', { platform: 'Linux x86_64' })
  return () => vi.unstubAllGlobals()
})

test('permission is asked for one relay, whatever its port', async () => {
  expect(await extensionPlatform().reach('https://relay.example:8443')).toBe(true)
  expect(asked).toEqual([{ origins: ['https://relay.example/*'] }])
})

test('T-LNK-01 only addresses of the web are reached or opened', async () => {
  const { reach, openLink } = extensionPlatform()
  for (const url of [
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'chrome://settings',
    'ssh://host',
    '',
  ]) {
    expect(await reach(url)).toBe(false)
    openLink(url)
  }
  expect([...asked, ...opened]).toEqual([])
  openLink('https://example.org/')
  expect(opened).toEqual([{ url: 'https://example.org/' }])
})

test('what the address asked for is read once and leaves it', () => {
  vi.stubGlobal('location', { hash: '#token=secret&target=me%40host', pathname: '/app.html' })
  expect(extensionPlatform().launch).toEqual({ token: 'secret', target: 'me@host' })
  expect(replaced).toEqual(['/app.html'])
})

test('the side panel opens in the window of the app, at once', async () => {
  const { openSidePanel } = extensionPlatform()
  await Promise.resolve()
  await openSidePanel?.()
  expect(opened).toEqual([{ windowId: 7 }])
})
