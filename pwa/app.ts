import { type ReadonlySignal, signal } from '@preact/signals'
import { Endings } from './model/endings.ts'
import { Endpoints } from './model/endpoints.ts'
import { type AppFailure, failureOf } from './model/failure.ts'
import { HeldSessions } from './model/heldSessions.ts'
import { Hosts } from './model/hosts.ts'
import { KnownHosts } from './model/knownHosts.ts'
import { Prompts } from './model/prompts.ts'
import type { Terminal, TerminalOptions } from './model/screenPort.ts'
import type { Session } from './model/session.ts'
import { Preferences } from './model/settings.ts'
import { Tabs } from './model/tabs.ts'
import { type OwnWindow, watchPage } from './page.ts'
import type { Platform } from './platform.ts'
import type { Store } from './store/db.ts'

/** Everything that the interface and the commands work on. */
export interface App {
  platform: Platform
  /** Which of the app's windows this is. */
  window: OwnWindow
  store: Store
  endpoints: Endpoints
  hosts: Hosts
  tabs: Tabs
  heldSessions: HeldSessions
  prompts: Prompts
  knownHosts: KnownHosts
  settings: Preferences
  /** False on plain http off loopback: there a session does not survive a cut. */
  secure: boolean
  /** The last thing that went wrong behind the scenes, such as a full disk. */
  trouble: ReadonlySignal<AppFailure | undefined>
  dismissTrouble(): void
  /** Opens a terminal in an element and shows the session in it. The terminal's code is loaded with the first one. */
  openTerminal(element: HTMLElement, session: Session, options: TerminalOptions): Promise<Terminal>
  /** Loads the terminal's code ahead of its need. */
  prefetchTerminal(): void
  /** Lets go of everything and ends no session; resolves once everything is saved. */
  close(): Promise<void>
}

/** Builds the models on an open store and joins them. */
export function createApp(platform: Platform, store: Store, window: OwnWindow): App {
  const trouble = signal<AppFailure | undefined>(undefined)
  const report = (error: unknown) => {
    const failure = failureOf(error)
    if (failure.code === 'unexpected') console.error(error)
    trouble.value = failure
  }
  const settings = new Preferences(store)
  const knownHosts = new KnownHosts(store)
  const prompts = new Prompts(knownHosts)
  const endpoints = new Endpoints(store, platform)
  const hosts = new Hosts(store, endpoints)
  const endings = new Endings(store, endpoints, report)
  const tabs = new Tabs({ store, endings, endpoints, hosts, prompts, window, report })
  const heldSessions = new HeldSessions({ store, endpoints, tabs }, report)
  endpoints.start().catch(report)
  const unwatch = watchPage({ wake: () => endpoints.wake(), leave: () => void tabs.keepScreens() })
  const terminal = () => import('./terminal/terminal.ts')
  return {
    platform,
    window,
    store,
    endpoints,
    hosts,
    tabs,
    heldSessions,
    prompts,
    knownHosts,
    settings,
    secure: globalThis.crypto?.subtle !== undefined,
    trouble,
    dismissTrouble() {
      trouble.value = undefined
    },
    async openTerminal(element, session, options) {
      const { openTerminal } = await terminal()
      return openTerminal(element, session, options)
    },
    prefetchTerminal() {
      terminal().catch(report)
    },
    async close() {
      unwatch()
      heldSessions.close()
      endings.close()
      await tabs.dispose()
      endpoints.close()
      store.close()
    },
  }
}
