import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { App } from '../app.ts'

const dark = matchMedia('(prefers-color-scheme: dark)')
const systemDark = signal(dark.matches)
dark.addEventListener('change', () => {
  systemDark.value = dark.matches
})

const themes = new WeakMap<App, ReadonlySignal<'dark' | 'light'>>()

/** The theme that holds now: what is set, else the system's. */
export function theme(app: App): ReadonlySignal<'dark' | 'light'> {
  let one = themes.get(app)
  if (!one) {
    one = computed(() => {
      const set = app.settings.value.value.theme
      return set === 'system' ? (systemDark.value ? 'dark' : 'light') : set
    })
    themes.set(app, one)
  }
  return one
}
