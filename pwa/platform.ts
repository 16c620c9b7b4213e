import type { ReadonlySignal } from '@preact/signals'
import * as v from 'valibot'
import { Term } from '../shared/protocol.ts'
import { plainLine } from './model/plainText.ts'

/** What the address asked for when the app was opened. It only pre-fills: nothing connects without a click. */
export interface Launch {
  /** Login token for the relay that serves the page, or for `relay`. */
  token?: string
  /** Origin of a relay to add. */
  relay?: string
  /** Text for the input of the home tab. */
  target?: string
  /** TERM of the session that the target opens. */
  term?: string
  /** What the address calls the target: one line of at most 100 characters, to be shown as text. */
  header?: string
  /** A session of the relay that serves the page, from another device; see `readHandOff`. */
  handoff?: string
  /** Files that another app has shared with this one; see `readShared`. */
  share?: string
}

/** The few things in which a page and an extension differ. */
export interface Platform {
  kind: 'page' | 'extension'
  /** Origin of the relay that serves this page, if one does; undefined in the extension. */
  ownRelay: string | undefined
  launch: Launch
  /** A later launch that the browser gave to this window, as it did not open another. */
  arrived?: ReadonlySignal<Launch | undefined>
  /** Asks the person for permission to reach a relay's origin, where the browser wants that; call it from a click. */
  reach(origin: string): Promise<boolean>
  /** Opens a http or https address in a new tab that cannot see this one; other schemes are ignored. */
  openLink(url: string): void
  /** Shows the app in the browser's side panel, where there is one; call it from a click or a key. */
  openSidePanel?(): Promise<void>
  /** The worker that streams downloads at addresses of this origin, once it runs; without it they go another way. */
  streams?(): ServiceWorker | undefined
  /** A new version that waits, and how to take it. */
  update: ReadonlySignal<{ apply(): void } | undefined>
  /** Whether keys are those of an Apple keyboard: ⌘ where others have Ctrl. */
  apple: boolean
}

/** Reads the fields of a launch out of an address's fragment; what does not fit is left out. */
export function readLaunch(fragment: string): Launch {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''))
  const launch: Launch = {}
  for (const name of ['token', 'relay', 'target', 'handoff', 'share'] as const) {
    const value = fields.get(name)
    if (value && value.length <= 4096) launch[name] = value
  }
  const term = v.safeParse(Term, fields.get('term'))
  if (term.success) launch.term = term.output
  const header = plainLine(fields.get('header') ?? '', 100).trim()
  if (header) launch.header = header
  return launch
}

/** The service worker of this origin, once there is one that runs; never on plain http off loopback. */
export function runningWorker(): () => ServiceWorker | undefined {
  let registration: ServiceWorkerRegistration | undefined
  const workers = globalThis.navigator?.serviceWorker as ServiceWorkerContainer | undefined
  void workers?.ready.then((ready) => {
    registration = ready
  })
  return () => registration?.active ?? undefined
}
