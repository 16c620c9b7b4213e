import type { TabView } from '../model/tabs.ts'
import type { Desk } from './desk.ts'

/** Opens a further shell where a tab goes to, on its connection where that is open: without a login. */
export function openShell({ app }: Desk, tab: TabView): TabView {
  const { endpointId, hostId, label, target, term, header } = tab.record.peek()
  const { command: _, path: __, ...place } = target
  return app.tabs.open(
    { ...place, scheme: 'ssh' },
    {
      endpointId,
      label,
      ...(hostId !== undefined && { hostId }),
      ...(term !== undefined && { term }),
      ...(header !== undefined && { header }),
    },
  )
}
