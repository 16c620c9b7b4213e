import { signal } from '@preact/signals'
import { browser } from 'wxt/browser'
import { type Platform, readLaunch, runningWorker } from '../pwa/platform.ts'

const isWeb = (url: string) => /^https?:\/\//i.test(url)

/** The app as an extension: it serves no relay, asks before it reaches one, and is updated by the browser. */
export function extensionPlatform(): Platform {
  const launch = readLaunch(location.hash)
  if (location.hash) history.replaceState(history.state, '', location.pathname)
  return {
    kind: 'extension',
    ownRelay: undefined,
    launch,
    async reach(origin) {
      if (!isWeb(origin)) return false
      const { protocol, hostname } = new URL(origin)
      // A match pattern names no port (Match patterns, MDN); it holds for all of them.
      return browser.permissions.request({ origins: [`${protocol}//${hostname}/*`] })
    },
    openLink(url) {
      if (isWeb(url)) void browser.tabs.create({ url })
    },
    openSidePanel: sidePanel(),
    streams: runningWorker(),
    update: signal(undefined),
    apple: /Mac|iPhone|iPad/.test(navigator.platform),
  }
}

/** Chrome's side panel or Firefox's sidebar. Both open only while the browser still holds the click for one. */
function sidePanel(): () => Promise<void> {
  // WXT's types know Chrome's API only.
  if (import.meta.env.FIREFOX) {
    const { sidebarAction } = browser as unknown as { sidebarAction: { open(): Promise<void> } }
    return () => sidebarAction.open()
  }
  // Asked for beforehand: to wait for it after the click would be too late.
  const here = browser.windows.getCurrent()
  let windowId = -1
  void here.then(({ id = -1 }) => {
    windowId = id
  })
  return () => browser.sidePanel.open({ windowId })
}
