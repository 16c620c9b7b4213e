import { effect } from '@preact/signals'
import type { App } from '../app.ts'
import type { InstallOffer, View } from '../commands/view.ts'
import { theme } from './theme.ts'

const barColours = { dark: '#0e1317', light: '#f2f4f6' }

/** Keeps the page in the theme that is set, the browser's own bars included. Returns what ends it. */
export function showTheme(app: App): () => void {
  return effect(() => {
    const { theme: set } = app.settings.value.value
    if (set === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = set
    const now = theme(app).value
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
      meta.content = barColours[now]
    }
  })
}

/** Empties every field with a secret, in every dialog, when the vault locks. Returns what ends it. */
export function clearSecrets({ vault }: App): () => void {
  let open = false
  return effect(() => {
    const state = vault.state.value
    if (open && state !== 'open') {
      for (const field of document.querySelectorAll<HTMLInputElement>('input[type=password]')) {
        field.value = ''
        // The component that shows it must not put it back.
        field.dispatchEvent(new Event('input', { bubbles: true }))
      }
    }
    open = state === 'open'
  })
}

/** Keeps the app above an on-screen keyboard in browsers that lay it over the page. Returns what ends it. */
export function followViewport(): () => void {
  const viewport = visualViewport
  if (!viewport) return () => undefined
  const { style } = document.documentElement
  const follow = () => {
    const covered = innerHeight - viewport.height * viewport.scale > 80
    style.setProperty('--app-height', covered ? `${viewport.height}px` : '100dvh')
    // Safari moves the page up to show what has the focus; the app fits already.
    style.setProperty('--app-top', covered ? `${viewport.offsetTop}px` : '0px')
  }
  const following = new AbortController()
  viewport.addEventListener('resize', follow, following)
  viewport.addEventListener('scroll', follow, following)
  return () => following.abort()
}

/** Keeps Chromium's offer to install the app for the command that takes it. Returns what ends it. */
export function offerInstall(view: View): () => void {
  const offered = (event: Event) => {
    event.preventDefault()
    // The event of this name is Chromium's own; TypeScript's library does not have it.
    view.install.value = event as Event & InstallOffer
  }
  addEventListener('beforeinstallprompt', offered)
  return () => removeEventListener('beforeinstallprompt', offered)
}

/** Runs something once the page has nothing better to do; Safari has no idle callback. */
export function whenIdle(run: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(run, { timeout: 2_000 })
  else setTimeout(run, 500)
}
