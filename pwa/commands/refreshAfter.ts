import { effect, untracked } from '@preact/signals'
import type { TabView } from '../model/tabs.ts'
import type { Desk } from './desk.ts'
import { filesChanged } from './filesChanged.ts'

/** Reads the lists that show these directories again, once a transfer is over. */
export function refreshAfter(
  desk: Desk,
  transferId: string,
  changed: readonly { tab: TabView; directories: Iterable<string> }[],
): void {
  const stop = effect(() => {
    const transfer = desk.app.transfers.items.value.find(({ id }) => id === transferId)
    if (transfer && !['done', 'failed', 'cancelled'].includes(transfer.state)) return
    untracked(() => {
      for (const { tab, directories } of changed) void filesChanged(desk, tab, directories)
    })
    queueMicrotask(() => stop())
  })
}
