import type { BackgroundDefinition } from 'wxt'
import { browser } from 'wxt/browser'
import { defineBackground } from 'wxt/utils/define-background'
import { serveDownloads } from '../../pwa/sw/downloads.ts'

async function showPage(): Promise<void> {
  const url = browser.runtime.getURL('/app.html')
  const [open] = await browser.tabs.query({ url })
  if (open?.id === undefined) {
    await browser.tabs.create({ url })
    return
  }
  await browser.tabs.update(open.id, { active: true })
  await browser.windows.update(open.windowId, { focused: true })
}

/**
 * The toolbar button shows the app's page, the one that is open if there is one. No session lives here. In Chrome this is a
 * service worker, which streams the page's downloads; Firefox has none for extensions.
 */
const background: BackgroundDefinition = defineBackground(() => {
  browser.action.onClicked.addListener(showPage)
  if (!import.meta.env.FIREFOX) serveDownloads(self)
})

export default background
