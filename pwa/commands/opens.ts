import { effect } from '@preact/signals'
import type { TabView } from '../model/tabs.ts'

/** Whether the shell of a tab opens: waits for the end of the connect that is on its way. */
export function opens({ session }: TabView): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      const state = session.state.value
      if (state !== 'open' && state !== 'closed') return
      resolve(state === 'open')
      queueMicrotask(() => stop())
    })
  })
}
