import { type ReadonlySignal, signal } from '@preact/signals'
import { trustedScript } from './model/worker.ts'

/**
 * Registers the service worker once the page has loaded, and gives the new version that waits. Taking it reloads the page;
 * sessions are taken up again.
 */
export function waitingUpdate(): ReadonlySignal<{ apply(): void } | undefined> {
  const waiting = signal<{ apply(): void } | undefined>(undefined)
  if (import.meta.env.PROD && 'serviceWorker' in navigator) {
    addEventListener('load', () => void register(waiting), { once: true })
  }
  return waiting
}

/** Milliseconds after which the page is loaded anew though the old version's worker still holds on to something. */
const patience = 5000

async function register(waiting: { value: { apply(): void } | undefined }): Promise<void> {
  const { Workbox } = await import('workbox-window')
  const workbox = new Workbox(trustedScript('/sw.js'), { type: 'module', updateViaCache: 'none' })
  const reload = () => location.reload()
  let taken = false
  const offer = () => {
    waiting.value = {
      apply() {
        taken = true
        workbox.messageSkipWaiting()
        setTimeout(reload, patience)
      },
    }
  }
  workbox.addEventListener('waiting', offer)
  // Where another window took the new version, this one still shows the old one, whose files are gone.
  workbox.addEventListener('controlling', () => {
    if (taken) reload()
    else waiting.value = { apply: reload }
  })
  const registration = await workbox.register()
  // One that the browser found before this page asked is not among workbox's events.
  const found = registration?.installing
  if (navigator.serviceWorker.controller) {
    found?.addEventListener('statechange', () => found.state === 'installed' && offer())
  }
  // A tab that stays open for weeks looks for a new version when it comes to the front.
  addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void registration?.update().catch(() => undefined)
  })
}
