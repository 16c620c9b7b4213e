import type { TransferView } from '../../model/transfers/transferView.ts'

/** Whether a transfer is over, well or not. */
export function isOver({ state }: Pick<TransferView, 'state'>): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled'
}
