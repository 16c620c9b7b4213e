import type { Transfer } from '../../store/schema.ts'
import { newId } from '../id.ts'

/** The record of a transfer that is begun now, of which nothing is known yet. */
export function newTransfer(window: string, what: Pick<Transfer, 'kind' | 'title'> & Partial<Transfer>): Transfer {
  return {
    id: newId(),
    state: 'queued',
    createdAt: Date.now(),
    window,
    random: newId().slice(0, 12),
    listed: false,
    chunks: 0,
    files: 0,
    filesDone: 0,
    skipped: 0,
    bytes: 0,
    total: 0,
    problems: [],
    problemCount: 0,
    ...what,
  }
}
