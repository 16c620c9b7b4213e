import { effect } from '@preact/signals'
import { render } from 'preact'
import { createApp } from '../app.ts'
import { activeTab } from '../commands/activeTab.ts'
import { Desk } from '../commands/desk.ts'
import { failureOf } from '../model/failure.ts'
import { ownWindow } from '../page.ts'
import type { Platform } from '../platform.ts'
import { openStore } from '../store/db.ts'
import '../styles/tokens.css'
import '../styles/base.css'
import { App } from './App.tsx'
import { DeskContext } from './desk.ts'
import { NoStore } from './NoStore.tsx'
import { followViewport, offerInstall, showTheme, whenIdle } from './page.ts'

/**
 * Opens the store and shows the app in an element: the page and the extension both begin here. Resolves with what takes it
 * away again, which ends no session. Where the store cannot be opened the element says why.
 */
export async function mount(element: HTMLElement, platform: Platform): Promise<() => void> {
  let store: Awaited<ReturnType<typeof openStore>>
  try {
    store = await openStore()
  } catch (error) {
    render(<NoStore failure={failureOf(error)} />, element)
    return () => render(null, element)
  }
  const app = createApp(platform, store, await ownWindow())
  const desk = new Desk(app)
  const stops = [
    effect(() => {
      const title = activeTab(desk)?.title.value
      document.title = title ? `${title} – Fairlead` : 'Fairlead'
    }),
    showTheme(app),
    followViewport(),
    offerInstall(desk.view),
  ]
  render(
    <DeskContext.Provider value={desk}>
      <App />
    </DeskContext.Provider>,
    element,
  )
  whenIdle(() => app.prefetchTerminal())
  return () => {
    for (const stop of stops) stop()
    render(null, element)
    void app.close()
  }
}
