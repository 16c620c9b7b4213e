import { effect } from '@preact/signals'
import { ageOf, type Moment, thisMoment } from './moment.ts'
import type { Preferences } from './settings.ts'
import type { Vault } from './vault.ts'

/** Milliseconds: between looks at the clock, between two tellings that somebody is here, until a window that is seen has answered. */
const timing = { look: 15_000, tell: 10_000, answer: 1_000 }

type Message = 'somebody-is-here' | 'is-one-seen' | 'one-is-seen'

/**
 * Locks the vault when nobody has touched the app for a while, in any of its windows, and, where that is set, when none of
 * them is to be seen. A device that slept counts the sleep, and is locked before it is used again.
 */
export class AutoLock {
  readonly #vault: Vault
  readonly #settings: Preferences
  readonly #windows = new BroadcastChannel('fairlead-presence')
  readonly #stop: () => void
  #touched: Moment = thisMoment()
  #told: Moment | undefined
  #hidden = false
  #unseen: ReturnType<typeof setTimeout> | undefined

  constructor(vault: Vault, settings: Preferences) {
    this.#vault = vault
    this.#settings = settings
    this.#windows.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data === 'somebody-is-here') this.#touched = thisMoment()
      else if (data === 'one-is-seen') clearTimeout(this.#unseen)
      else if (!this.#hidden) this.#tell('one-is-seen')
    }
    this.#stop = effect(() => {
      if (vault.state.value !== 'open') return
      this.#touched = thisMoment()
      const looking = setInterval(() => this.look(), timing.look)
      return () => clearInterval(looking)
    })
  }

  /** A key, a click, a finger; what comes too late does not keep the vault open. */
  touched(): void {
    this.look()
    const now = thisMoment()
    this.#touched = now
    if (this.#told && ageOf(this.#told, now) < timing.tell) return
    this.#told = now
    this.#tell('somebody-is-here')
  }

  /** Locks if the time is over. */
  look(): void {
    const { lockAfter } = this.#settings.value.peek()
    if (lockAfter > 0 && ageOf(this.#touched, thisMoment()) >= lockAfter * 60_000) this.#lock()
  }

  /** This window is not to be seen any more: unless another is, the vault locks where that is set. */
  hidden(): void {
    this.#hidden = true
    if (!this.#settings.value.peek().lockWhenHidden) return
    clearTimeout(this.#unseen)
    this.#unseen = setTimeout(() => this.#lock(), timing.answer)
    this.#tell('is-one-seen')
  }

  /** This window is to be seen again. */
  shown(): void {
    this.#hidden = false
    clearTimeout(this.#unseen)
    this.look()
  }

  close(): void {
    this.#stop()
    clearTimeout(this.#unseen)
    this.#windows.close()
  }

  #lock(): void {
    if (this.#vault.state.peek() === 'open') this.#vault.lock()
  }

  #tell(message: Message): void {
    this.#windows.postMessage(message)
  }
}

/** Tells an automatic lock what happens in this window. Returns what ends it. */
export function watchPresence(lock: AutoLock): () => void {
  if (!('document' in globalThis)) return () => undefined
  const watching = new AbortController()
  const how = { signal: watching.signal, capture: true, passive: true }
  for (const event of ['keydown', 'pointerdown', 'wheel', 'touchstart'])
    addEventListener(event, () => lock.touched(), how)
  document.addEventListener(
    'visibilitychange',
    () => (document.visibilityState === 'hidden' ? lock.hidden() : lock.shown()),
    how,
  )
  document.addEventListener('resume', () => lock.look(), how)
  addEventListener('pageshow', () => lock.look(), how)
  return () => watching.abort()
}
