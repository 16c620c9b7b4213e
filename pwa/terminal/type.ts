/** The terminal's type: fonts that are on the machine, none is loaded. */
export const fontFamily =
  '"JetBrains Mono", "Cascadia Mono", ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace, "Noto Color Emoji"'

/** Line to type, as in 13.5 px type in 20 px lines. */
const LEADING = 20 / 13.5

/**
 * xterm's `lineHeight`, a factor of the font's own height, for lines of the same leading in every font. xterm rounds the
 * font's height up and the line's down to whole device pixels.
 */
export function lineHeight(fontSize: number): number {
  const pen = document.createElement('canvas').getContext('2d')
  if (!pen) return 1.25
  pen.font = `${fontSize}px ${fontFamily}`
  const { fontBoundingBoxAscent, fontBoundingBoxDescent } = pen.measureText('W')
  const { devicePixelRatio } = window
  const own = Math.ceil((fontBoundingBoxAscent + fontBoundingBoxDescent) * devicePixelRatio)
  const wanted = Math.round(fontSize * LEADING * devicePixelRatio)
  return own > 0 ? Math.max(1, (wanted + 0.01) / own) : 1.25
}
