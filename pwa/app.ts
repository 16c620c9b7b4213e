import { effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import { AutoLock, watchPresence } from './model/autoLock.ts'
import { Backups } from './model/backups.ts'
import { Endings } from './model/endings.ts'
import { Endpoints } from './model/endpoints.ts'
import { type AppFailure, Failed, failureOf } from './model/failure.ts'
import { HeldSessions } from './model/heldSessions.ts'
import { Hosts } from './model/hosts.ts'
import { Identities } from './model/identities.ts'
import { KeptInput } from './model/keptInput.ts'
import { KeptScreens } from './model/keptScreens.ts'
import { KnownHosts } from './model/knownHosts.ts'
import { Prompts } from './model/prompts.ts'
import { RelayLogins } from './model/relayLogins.ts'
import type { Terminal, TerminalOptions } from './model/screenPort.ts'
import type { Session } from './model/session.ts'
import { Preferences } from './model/settings.ts'
import { Signatures } from './model/signatures.ts'
import { Tabs } from './model/tabs.ts'
import { Transfers } from './model/transfers/transfers.ts'
import { Vault } from './model/vault.ts'
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
  vault: Vault
  backups: Backups
  identities: Identities
  settings: Preferences
  /** Files on their way, of all windows. */
  transfers: Transfers
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
  const vault = new Vault(store)
  const identities = new Identities(store, vault, report)
  const signatures = new Signatures({ signingKey: (key) => identities.signingKey(key), report })
  const prompts = new Prompts(knownHosts, signatures, report)
  const backups = new Backups(store, vault, settings)
  const autoLock = new AutoLock(vault, settings)
  const logins = new RelayLogins(store, vault, settings, report)
  const endpoints = new Endpoints(store, platform, logins)
  const hosts = new Hosts(store, endpoints)
  const endings = new Endings(store, endpoints, report)
  const screens = new KeptScreens(store.screens)
  // Absent on plain http off loopback.
  const inputs = new KeptInput(store.inputs, globalThis.navigator?.locks)
  const tabs = new Tabs({ store, endings, endpoints, hosts, identities, prompts, screens, inputs, window, report })
  const transfers = new Transfers({
    store,
    tabs,
    endpoints,
    hosts,
    settings,
    locks: globalThis.navigator?.locks,
    window,
    report,
  })
  const heldSessions = new HeldSessions({ store, endpoints, screens, tabs }, report)
  endpoints.start().catch(report)
  const unfollow = effect(() => {
    const launch = platform.arrived?.value
    if (launch) untracked(() => endpoints.start(launch).catch(report))
  })
  const unwatch = watchPage({
    wake: () => endpoints.wake(),
    leave: () => void tabs.keep(),
    ask: () => tabs.inputWaits || transfers.bound.peek(),
  })
  const unwatchPresence = watchPresence(autoLock)
  const terminal = () =>
    import('./terminal/terminal.ts').catch((error: unknown) => {
      throw new Failed('part-missing', error)
    })
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
    vault,
    backups,
    identities,
    settings,
    transfers,
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
      unfollow()
      unwatchPresence()
      autoLock.close()
      logins.close()
      heldSessions.close()
      endings.close()
      await transfers.close()
      await tabs.dispose()
      endpoints.close()
      vault.close()
      store.close()
    },
  }
}
