import { signal } from '@preact/signals'
import { type Launch, type Platform, readLaunch, runningWorker } from './platform.ts'

/** The app as a page. A fragment is read once and leaves the address bar: it may hold a login token. */
export function webPlatform(): Platform {
  const opened = location.href
  const launch = takeFragment()
  const arrived = signal<Launch | undefined>(undefined)
  // A link that is opened where the app already is changes nothing but the fragment.
  addEventListener('hashchange', () => {
    if (location.hash) arrived.value = takeFragment()
  })
  followLaunches(opened, (address) => {
    arrived.value = readLaunch(new URL(address).hash)
  })
  return {
    kind: 'page',
    ownRelay: location.origin,
    launch,
    arrived,
    reach: () => Promise.resolve(true),
    streams: runningWorker(),
    openLink(url) {
      if (/^https?:\/\//i.test(url)) open(url, '_blank', 'noopener,noreferrer')
    },
    update: signal(undefined),
    apple: /Mac|iPhone|iPad/.test(navigator.platform),
  }
}

function takeFragment(): Launch {
  const launch = readLaunch(location.hash)
  if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
  return launch
}

/** The part of the W3C's Web App Launch Handler API that is used; TypeScript's DOM library does not have it. */
interface LaunchQueue {
  setConsumer(consume: (launch: { targetURL?: string | null }) => void): void
}

/**
 * Hears the addresses by which the installed app is opened again while it is open here, in browsers that tell.
 * @param opened the address that this page was loaded from, which is told as well
 */
function followLaunches(opened: string, take: (address: string) => void): void {
  const queue = (globalThis as { launchQueue?: LaunchQueue }).launchQueue
  let own: string | undefined = opened
  queue?.setConsumer(({ targetURL }) => {
    if (targetURL && targetURL !== own) take(targetURL)
    own = undefined
  })
}
