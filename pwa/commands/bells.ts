import { effect, type ReadonlySignal, type Signal } from '@preact/signals'

/** What of the tabs is needed to know which of them rang. */
interface Belled {
  tabs: ReadonlySignal<readonly { id: string; session: { bell: ReadonlySignal<number> } }[]>
  active: ReadonlySignal<string | undefined>
}

/** Keeps in `rung` the tabs whose bell rang since they were last in front. Returns what ends it. */
export function followBells({ tabs, active }: Belled, rung: Signal<ReadonlySet<string>>): () => void {
  const heard = new Map<string, number>()
  return effect(() => {
    const now = new Set<string>()
    for (const { id, session } of tabs.value) {
      const bells = session.bell.value
      if (id === active.value || !heard.has(id)) heard.set(id, bells)
      else if (bells > (heard.get(id) ?? 0)) now.add(id)
    }
    const before = rung.peek()
    if (now.size !== before.size || [...now].some((id) => !before.has(id))) rung.value = now
  })
}
