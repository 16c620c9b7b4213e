import { signal } from '@preact/signals'
import { type Platform, readLaunch } from './platform.ts'

/** The app as a page. The fragment is read once and leaves the address bar: it may hold a login token. */
export function webPlatform(): Platform {
  const launch = readLaunch(location.hash)
  if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
  // A link that is opened where the app already is changes nothing but the fragment: the app begins anew with it.
  addEventListener('hashchange', () => location.reload())
  return {
    kind: 'page',
    ownRelay: location.origin,
    launch,
    reach: () => Promise.resolve(true),
    openLink(url) {
      if (/^https?:\/\//i.test(url)) open(url, '_blank', 'noopener,noreferrer')
    },
    update: signal(undefined),
    apple: /Mac|iPhone|iPad/.test(navigator.platform),
  }
}
