import type { Command } from './command.ts'

/** Sizes of the terminal's type, in CSS pixels: a pinch goes from half to half. */
const sizes = { least: 6, most: 40, step: 0.5 }

/** Gives the type of the terminal a size, in CSS pixels; the nearest that there is. */
export const setFont: Command<number> = {
  id: 'set-font',
  title: 'Type size',
  needsArgument: true,
  async run({ app }, wanted) {
    if (wanted === undefined) return
    const { least, most, step } = sizes
    const fontSize = Math.max(least, Math.min(most, Math.round(wanted / step) * step))
    if (fontSize !== app.settings.value.peek().fontSize) await app.settings.set({ fontSize })
  },
}
