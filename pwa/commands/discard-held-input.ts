import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Forgets what was typed while the relay was away. */
export const discardHeldInput: Command = {
  id: 'discard-held-input',
  title: 'Discard what was typed meanwhile',
  when: (desk) => activeTab(desk)?.session.heldInput.value !== undefined,
  run(desk) {
    const session = activeTab(desk)?.session
    session?.discardHeld()
    session?.screen.peek()?.focus()
  },
}
