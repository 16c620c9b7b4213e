import type { Tab } from '../store/schema.ts'
import { shortDirectory } from './shortDirectory.ts'

/** What most shells begin a window's title with; the tab says already where it is. */
const prompt = /^[^\s@:]+@[^\s@:]+:\s*/

/**
 * What a tab is called: its host, always first, and what the program there calls its window, or else the directory. Pure.
 * @param title one line, cleaned
 */
export function tabTitle(
  { label, target }: Pick<Tab, 'label' | 'target'>,
  title: string | undefined,
  directory: string | undefined,
): string {
  const place = directory && shortDirectory(directory, target.username)
  const about = title?.replace(prompt, '').trim() || place
  return about && about !== label ? `${label}: ${about}` : label
}
