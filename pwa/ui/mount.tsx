import { effect, untracked } from '@preact/signals'
import { render } from 'preact'
import { createApp } from '../app.ts'
import { activeTab } from '../commands/activeTab.ts'
import { followBells } from '../commands/bells.ts'
import { Desk } from '../commands/desk.ts'
import { failureOf } from '../model/failure.ts'
import { ownWindow } from '../page.ts'
import type { Platform } from '../platform.ts'
import { openStore } from '../store/db.ts'
import '../styles/tokens.css'
import '../styles/base.css'
import { App, TabPanel } from './App.tsx'
import { DeskContext } from './desk.ts'
import { guardDrops } from './drop/guard.ts'
import { fetchStylesAgain, prefetchLazy } from './kit/Lazy.tsx'
import { NoStore } from './NoStore.tsx'
import { clearSecrets, followViewport, offerInstall, showTheme, whenIdle } from './page.ts'
import { followKeyboard } from './touch/hardware.ts'
import { keepFilesFresh } from './transfers/freshFiles.ts'
import { percentText, showPresence } from './transfers/presence.ts'

/** Milliseconds after which what may be needed some time is fetched: a person who knows where to go is there by then. */
const settled = 3_000

/**
 * Opens the store and shows the app in an element: the page and the extension both begin here. Resolves with what takes it
 * away again, which ends no session. Where the store cannot be opened the element says why.
 */
export async function mount(element: HTMLElement, platform: Platform): Promise<() => void> {
  const own = ownWindow()
  let store: Awaited<ReturnType<typeof openStore>>
  try {
    store = await openStore()
  } catch (error) {
    render(<NoStore failure={failureOf(error)} />, element)
    return () => render(null, element)
  }
  const app = createApp(platform, store, await own)
  const desk = new Desk(app)
  const stops = [
    effect(() => {
      const title = activeTab(desk)?.title.value
      document.title = [percentText(app), title, 'Fairlead'].filter(Boolean).join(' – ')
    }),
    showTheme(app),
    clearSecrets(app),
    followBells(app.tabs, desk.view.rung),
    followViewport(),
    followKeyboard(desk.view.hardwareKeys),
    offerInstall(desk.view),
    guardDrops(),
    showPresence(app),
    keepFilesFresh(desk),
    fetchStylesAgain(),
  ]
  render(
    <DeskContext.Provider value={desk}>
      <App />
    </DeskContext.Provider>,
    element,
  )
  const prefetch = () => {
    app.prefetchTerminal()
    void TabPanel.preload().catch(() => undefined)
  }
  // A tab needs both at once; an empty home tab has time.
  stops.push(effect(() => void (app.tabs.tabs.value.length > 0 && untracked(prefetch))))
  whenIdle(prefetch)
  const late = setTimeout(() => whenIdle(() => void prefetchLazy()), settled)
  return () => {
    clearTimeout(late)
    for (const stop of stops) stop()
    render(null, element)
    void app.close()
  }
}
