import { expect, it } from 'vitest'
import { themes } from '../../../pwa/terminal/themes.ts'

/** WCAG 2.2's relative luminance of #rrggbb. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** What a theme has for backgrounds only. */
const backgrounds = { dark: ['black'], light: ['white', 'brightWhite'] }

it.each(['dark', 'light'] as const)('the colours of text are legible in the %s theme', (name) => {
  const theme = themes[name]
  const colours = ['foreground', 'cursor', 'black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']
  const bright = colours.slice(2).map((colour) => `bright${colour[0]?.toUpperCase()}${colour.slice(1)}`)
  const faint = [...colours, ...bright]
    .filter((colour) => !backgrounds[name].includes(colour))
    .filter((colour) => contrast(theme[colour as 'foreground'], theme.background) < 4.5)
  expect(faint).toEqual([])
})
