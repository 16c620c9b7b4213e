import { type ReadonlySignal, signal } from '@preact/signals'

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

async function register(waiting: { value: { apply(): void } | undefined }): Promise<void> {
  const { Workbox } = await import('workbox-window')
  const workbox = new Workbox(trusted('/sw.js'), { type: 'module', updateViaCache: 'none' })
  workbox.addEventListener('waiting', () => {
    waiting.value = {
      apply() {
        workbox.addEventListener('controlling', () => location.reload())
        workbox.messageSkipWaiting()
      },
    }
  })
  const registration = await workbox.register()
  // A tab that stays open for weeks looks for a new version when it comes to the front.
  addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void registration?.update().catch(() => undefined)
  })
}

/** The one Trusted Types policy that the relay's Content-Security-Policy allows; browsers without them take the text. */
function trusted(url: '/sw.js'): string {
  const types = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes
  return types?.createPolicy('fairlead', { createScriptURL: (text) => text }).createScriptURL(url) ?? url
}

/** The part of the W3C's Trusted Types that is used; TypeScript's DOM library does not have it, and takes a string in its place. */
interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(text: string): string },
  ): { createScriptURL(text: string): string }
}
