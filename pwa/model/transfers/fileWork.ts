import type { TransferItem } from '../../store/schema.ts'
import type { Existing } from '../out/goal.ts'
import type { Choice } from './transferView.ts'

/** What the way of one file needs of its transfer. */
export interface FileWork {
  /** As it is now. */
  readonly item: TransferItem
  /** Whether a former try may have left some of it. */
  readonly again: boolean
  /** Part of the name of the unfinished file, letters and digits: the same at every try. */
  readonly random: string
  readonly verify: 'size' | 'hash'
  readonly signal: AbortSignal
  /** Changes what is known of it; kept soon. */
  change(change: Partial<TransferItem>): void
  /** Some of it may be there from now on; resolves once that is kept. */
  begin(): Promise<void>
  /** All bytes before this offset have come. */
  advance(offset: number): void
  /** Asks what is to be done with a file that is there, unless the person has said so for all. Rejects with the reason of an abort. */
  choose(path: string, there: Existing, choices: readonly Choice[]): Promise<Choice>
}
