import type { App } from '../app.ts'
import type { Command } from './command.ts'
import { shortcutText } from './keys.ts'
import { View } from './view.ts'

/** What commands work on: the app, and what this window shows of it. */
export class Desk {
  readonly app: App
  readonly view: View

  constructor(app: App) {
    this.app = app
    this.view = new View(app)
  }

  /** Whether the command can be done now. */
  can(command: Command): boolean {
    return command.when?.(this) ?? true
  }

  /** Runs a command if it can be done now; what it fails with is shown as a notice. */
  async run<A>(command: Command<A>, argument?: A): Promise<void> {
    if (!this.can(command as Command)) return
    try {
      await command.run(this, argument)
    } catch (error) {
      this.view.fail(error)
    }
  }

  title(command: Command): string {
    return typeof command.title === 'string' ? command.title : command.title(this)
  }

  /** The shortcuts that hold on this platform. */
  shortcuts(command: Command): readonly string[] {
    return (this.app.platform.apple ? command.appleKeys : undefined) ?? command.keys ?? []
  }

  /** The first shortcut as it is written on this platform. */
  keys(command: Command): string | undefined {
    const [first] = this.shortcuts(command)
    return first && shortcutText(first, this.app.platform.apple)
  }
}
