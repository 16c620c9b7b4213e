import type { ScreenPort } from '../model/screenPort.ts'
import type { TabView } from '../model/tabs.ts'
import type { Desk } from './desk.ts'

/** The tab that is shown; undefined on the home tab. Reads signals. */
export function activeTab({ app }: Desk): TabView | undefined {
  return app.tabs.get(app.tabs.active.value)
}

/** The terminal of the tab that is shown. Reads signals. */
export function activeScreen(desk: Desk): ScreenPort | undefined {
  return activeTab(desk)?.session.screen.value
}
