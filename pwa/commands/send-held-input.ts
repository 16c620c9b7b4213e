import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Sends what was typed while the relay was away. */
export const sendHeldInput: Command = {
  id: 'send-held-input',
  title: 'Send what was typed meanwhile',
  when: (desk) => activeTab(desk)?.session.heldInput.value !== undefined,
  run(desk) {
    const session = activeTab(desk)?.session
    session?.sendHeld()
    session?.screen.peek()?.focus()
  },
}
