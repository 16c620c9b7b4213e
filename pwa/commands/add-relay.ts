import type { Command } from './command.ts'
import { openRelays } from './open-relays.ts'

/** Adds a relay by its address. */
export const addRelay: Command = {
  id: 'add-relay',
  title: 'Add a relay',
  run: (desk) => openRelays.run(desk, { add: true }),
}
