import type { Command } from './command.ts'

/** One command for each of the first eight tabs, and one for the last. */
export const goToTab: readonly Command[] = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => ({
  id: `go-to-tab-${number}`,
  title: number === 9 ? 'Go to the last tab' : `Go to tab ${number}`,
  keys: [`Mod+${number}`],
  when: ({ app }) => app.tabs.tabs.value.length >= (number === 9 ? 1 : number),
  run({ app }) {
    const tabs = app.tabs.tabs.peek()
    app.tabs.activate(tabs.at(number === 9 ? -1 : number - 1)?.id)
  },
}))
