import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'

/** Brings a session back from the window that has it. */
export const takeBackSession: Command = {
  id: 'take-back-session',
  title: 'Take the session back',
  when: (desk) => activeTab(desk)?.session.takenElsewhere.value === true,
  run(desk) {
    const session = activeTab(desk)?.session
    session?.takeBack()
    session?.screen.peek()?.focus()
  },
}
