import type { TabView } from '../../model/tabs.ts'
import type { DotState } from '../kit/Dot.tsx'

/** How a tab stands: its dot and the word for it. Reads signals. */
export function tabState({ session, record, sftp }: TabView): { dot: DotState; name: string } {
  if (session.takenElsewhere.value) return { dot: 'off', name: 'in another window' }
  const state = session.state.value
  if (!record.value.view.terminal && state === 'closed') {
    return sftp.state.value === 'open' ? { dot: 'ok', name: 'files open' } : { dot: 'off', name: 'files' }
  }
  switch (state) {
    case 'connecting':
      return { dot: 'busy', name: 'connecting' }
    case 'prompting':
      return { dot: 'warn', name: 'waiting for an answer' }
    case 'open':
      return { dot: 'ok', name: 'connected' }
    case 'detached':
      return { dot: 'busy', name: 'reconnecting' }
    case 'closed':
      return session.failure.value ? { dot: 'bad', name: 'failed' } : { dot: 'off', name: 'ended' }
  }
}
