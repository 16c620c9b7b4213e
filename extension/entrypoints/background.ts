import type { BackgroundDefinition } from 'wxt'
import { browser } from 'wxt/browser'
import { defineBackground } from 'wxt/utils/define-background'

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

/** The toolbar button shows the app's page, the one that is open if there is one. No session lives here. */
const background: BackgroundDefinition = defineBackground(() => {
  browser.action.onClicked.addListener(showPage)
})

export default background
