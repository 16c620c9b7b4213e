import headless from '@xterm/headless'
import type { Page } from 'playwright-core'
import { drawn } from '../../shared/drawn.ts'
import { Modes } from '../../shared/modes.ts'
import { UnicodeGraphemesAddon } from './graphemes.ts'

/** What a page has kept of the screen of its session, and the offset in the session's output that it stands for. */
export interface KeptScreen {
  data: string
  cols: number
  rows: number
  offset: number
}

/** What a page with one session has kept of its screen. */
export function keptScreen(page: Page): Promise<KeptScreen | undefined> {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open('fairlead')
        opening.onsuccess = () => {
          const all = opening.result.transaction('screens').objectStore('screens').getAll()
          all.onsuccess = () => {
            opening.result.close()
            resolve(all.result[0])
          }
        }
      }),
  )
}

/** What a terminal of this size shows of these bytes, with all its state, as far back as the page draws. */
async function shows(bytes: string | Uint8Array, { cols, rows }: { cols: number; rows: number }): Promise<string> {
  const terminal = new headless.Terminal({ cols, rows, scrollback: 10_000, allowProposedApi: true })
  terminal.loadAddon(new UnicodeGraphemesAddon() as unknown as Parameters<typeof terminal.loadAddon>[0])
  const modes = new Modes(terminal.parser)
  await new Promise<void>((parsed) => terminal.write(bytes, parsed))
  return drawn(terminal, modes, 5000)
}

/** What a page has kept, and what it would have kept of these bytes had it never been cut off; to be compared. */
export async function keptAndUnbroken(kept: KeptScreen, bytes: Uint8Array): Promise<[string, string]> {
  // What was drawn once more is compared, since a drawing may say the same in two ways.
  return [await shows(kept.data, kept), await shows(await shows(bytes, kept), kept)]
}
