import type { ITheme } from '@xterm/xterm'

/**
 * The palettes, tuned in OKLCH to the terminal's backgrounds (dark .165 .011 245, light .995 .002 245) and written in the
 * sRGB that xterm wants. Every colour that text is set in has a contrast of 4.5 at least; `black` on dark and `white` on
 * light are for backgrounds.
 */
export const themes: Record<'dark' | 'light', Required<Pick<ITheme, 'background' | 'foreground'>> & ITheme> = {
  dark: {
    background: '#0a0f13',
    foreground: '#d9dfe4',
    cursor: '#4ed5d5',
    cursorAccent: '#0a0f13',
    selectionBackground: '#4ed5d547',
    selectionInactiveBackground: '#4ed5d52e',
    scrollbarSliderBackground: '#d9dfe426',
    scrollbarSliderHoverBackground: '#d9dfe440',
    scrollbarSliderActiveBackground: '#d9dfe459',
    black: '#282f35',
    red: '#f46f68',
    green: '#67d283',
    yellow: '#ebbd57',
    blue: '#5da3e9',
    magenta: '#ce89de',
    cyan: '#5acfd5',
    white: '#ccd2d7',
    brightBlack: '#78828b',
    brightRed: '#fc928a',
    brightGreen: '#7fe998',
    brightYellow: '#f3da7a',
    brightBlue: '#83bdf8',
    brightMagenta: '#e2a8ef',
    brightCyan: '#88e7ec',
    brightWhite: '#f3f5f8',
  },
  light: {
    background: '#fcfeff',
    foreground: '#222a31',
    cursor: '#007781',
    cursorAccent: '#fcfeff',
    selectionBackground: '#00778133',
    selectionInactiveBackground: '#00778121',
    scrollbarSliderBackground: '#222a3126',
    scrollbarSliderHoverBackground: '#222a3140',
    scrollbarSliderActiveBackground: '#222a3159',
    black: '#1c2328',
    red: '#be222a',
    green: '#1b763a',
    yellow: '#916102',
    blue: '#0961bb',
    magenta: '#9939a0',
    cyan: '#05747d',
    white: '#babec3',
    brightBlack: '#616a73',
    brightRed: '#d2262f',
    brightGreen: '#14833e',
    brightYellow: '#9c6900',
    brightBlue: '#1570d1',
    brightMagenta: '#ad3eb5',
    brightCyan: '#007f8a',
    brightWhite: '#dbdee1',
  },
}

/** What matches of a search look like. */
export const matches = {
  dark: { all: '#3d4a2a', active: '#8a6d1c' },
  light: { all: '#e8ecc0', active: '#f2cf6b' },
} as const
