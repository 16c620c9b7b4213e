import { computed, effect } from '@preact/signals'
import type { App } from '../../app.ts'
import { isOver } from './isOver.ts'

/** Milliseconds that a transfer that is done stays on the list. */
const seen = 120_000

/** Tells the system of transfers: a badge on the app's icon, and no sleep while they run. Takes those off the list that are done. Returns what ends it. */
export function showPresence(app: App): () => void {
  const going = computed(() => app.transfers.items.value.filter(({ state }) => state === 'running').length)
  const calls = computed(
    () => app.transfers.items.value.filter(({ state }) => /^(failed|asking|needs-file)$/.test(state)).length,
  )
  const stops = [
    effect(() => badge(going.value + calls.value)),
    effect(() => (going.value > 0 ? keepAwake() : undefined)),
    clearDone(app),
  ]
  return () => {
    for (const stop of stops) stop()
    badge(0)
  }
}

/** How far all transfers are, for the title of the window; undefined while none is on its way. Reads signals. */
export function percentText({ transfers }: App): string | undefined {
  const { active, bytes, total } = transfers.summary.value
  return active > 0 && total > 0 ? `${Math.floor((100 * bytes) / total)} %` : undefined
}

function badge(count: number): void {
  // Absent where apps have no icon; refused where they may not have a badge. Neither matters.
  if ('setAppBadge' in navigator) void navigator.setAppBadge(count).catch(() => undefined)
}

/** Asks the device not to sleep, again each time that the page comes back to the front: hidden, it loses the lock. */
function keepAwake(): () => void {
  const ended = new AbortController()
  const { wakeLock } = navigator as Partial<Pick<Navigator, 'wakeLock'>>
  const ask = async () => {
    if (document.visibilityState === 'hidden' || ended.signal.aborted) return
    const lock = await wakeLock?.request('screen').catch(() => undefined)
    if (ended.signal.aborted) await lock?.release()
    else ended.signal.addEventListener('abort', () => void lock?.release())
  }
  document.addEventListener('visibilitychange', ask, ended)
  void ask()
  return () => ended.abort()
}

function clearDone({ transfers }: App): () => void {
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const stop = effect(() => {
    for (const item of transfers.items.value) {
      if (item.state === 'done' && !timers.has(item.id))
        timers.set(
          item.id,
          setTimeout(() => void transfers.remove(item.id), seen),
        )
      if (isOver(item) || !timers.has(item.id)) continue
      clearTimeout(timers.get(item.id))
      timers.delete(item.id)
    }
  })
  return () => {
    stop()
    for (const timer of timers.values()) clearTimeout(timer)
  }
}
