import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { serveDownloads } from './downloads.ts'
import { serveMedia } from './media.ts'
import { dropShare, giveShare, sweepShares, takeShare } from './share.ts'

/** What the build put in for `self.__WB_MANIFEST`: each file of the app and its revision. */
declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] }

precacheAndRoute(self.__WB_MANIFEST)
cleanupOutdatedCaches()

// Only the app's own two addresses open offline; what the relay answers is never kept.
registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/index.html'), { allowlist: [/^\/(?:open|index\.html)?(?:\?|$)/] }),
)

// What other apps share comes as a POST that the relay never sees; only the app may read it.
registerRoute('/share', ({ request }) => takeShare(request), 'POST')
registerRoute(
  ({ url, request }) => /^\/share\/[\w-]+(\/\d+)?$/.test(url.pathname) && request.mode !== 'navigate',
  ({ url }) => giveShare(url),
)
registerRoute(/\/share\/[\w-]+$/, ({ url }) => dropShare(url.pathname.slice('/share/'.length)), 'DELETE')
self.addEventListener('activate', (event) => event.waitUntil(sweepShares()))

serveDownloads(self)
serveMedia(self)

// A new version waits until a person takes it, so that no open tab loses its files.
self.addEventListener('message', (event) => {
  if (event.data?.type === 'SKIP_WAITING') void self.skipWaiting()
})
