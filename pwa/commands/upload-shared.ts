import { effect } from '@preact/signals'
import type { App } from '../app.ts'
import { absolutePath } from '../model/absolutePath.ts'
import type { Shared } from '../model/transfers/shared.ts'
import type { Command } from './command.ts'

/** Uploads what another app has shared: through a tab that is open, or to a host, whose files are opened. */
export const uploadShared: Command<{ shared: Shared; to: { tabId: string } | { hostId: string }; path: string }> = {
  id: 'upload-shared',
  title: 'Upload what was shared',
  needsArgument: true,
  async run({ app, view }, argument) {
    if (!argument) return
    const { shared, to, path } = argument
    const tab = 'tabId' in to ? app.tabs.get(to.tabId) : opened(app, to.hostId)
    if (!tab) return
    view.sheet.value = undefined
    app.tabs.activate(tab.id)
    const directory = await absolutePath(tab.sftp, path)
    const id = await app.transfers.upload(tab, directory, shared.taken.sources)
    view.transfers.value = true
    await over(app, id)
    const { dropShared } = await import('../model/transfers/shared.ts')
    await dropShared(shared.id)
  },
}

function opened({ hosts, tabs }: App, hostId: string) {
  const host = hosts.get(hostId)
  if (!host) return undefined
  const { endpointId, label, target } = host
  return tabs.open({ ...target, scheme: 'sftp' }, { hostId, endpointId, label })
}

/** Resolves once a transfer wants nothing more of its files. */
function over({ transfers }: App, id: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      const state = transfers.items.value.find((item) => item.id === id)?.state
      if (state !== undefined && state !== 'done' && state !== 'cancelled') return
      resolve()
      queueMicrotask(() => stop())
    })
  })
}
