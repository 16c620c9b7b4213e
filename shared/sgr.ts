/** Attributes of a cell as xterm.js 6 keeps them. */
export interface Attributes {
  isInverse(): number
  isBold(): number
  isBlink(): number
  isInvisible(): number
  isItalic(): number
  isDim(): number
  isStrikethrough(): number
  isOverline(): number
  isUnderline(): number
  isFgRGB(): boolean
  isFgPalette(): boolean
  getFgColor(): number
  isBgRGB(): boolean
  isBgPalette(): boolean
  getBgColor(): number
  hasExtendedAttrs(): number
  getUnderlineStyle(): number
  isUnderlineColorRGB(): boolean
  isUnderlineColorPalette(): boolean
  getUnderlineColor(): number
  readonly fg: number
  readonly extended: { readonly ext: number; readonly underlineColor: number; readonly urlId: number }
}

/** The bit of `fg` that a program sets for an underline; a link is underlined without it. */
const UNDERLINE = 0x10000000

/** The sequence that sets exactly these attributes (SGR, ECMA-48 §8.3.117, with the underlines of kitty). */
export function sgr(cell: Attributes): string {
  const set: (string | number)[] = [0]
  if (cell.isBold()) set.push(1)
  if (cell.isDim()) set.push(2)
  if (cell.isItalic()) set.push(3)
  if (cell.fg & UNDERLINE) set.push(styledUnderline(cell) ? `4:${cell.getUnderlineStyle()}` : 4)
  if (cell.isBlink()) set.push(5)
  if (cell.isInverse()) set.push(7)
  if (cell.isInvisible()) set.push(8)
  if (cell.isStrikethrough()) set.push(9)
  if (cell.isOverline()) set.push(53)
  if (cell.isFgRGB()) set.push(38, 2, ...rgb(cell.getFgColor()))
  else if (cell.isFgPalette()) set.push(...palette(30, cell.getFgColor()))
  if (cell.isBgRGB()) set.push(48, 2, ...rgb(cell.getBgColor()))
  else if (cell.isBgPalette()) set.push(...palette(40, cell.getBgColor()))
  if (colouredUnderline(cell)) {
    if (cell.isUnderlineColorRGB()) set.push(`58:2::${rgb(cell.getUnderlineColor()).join(':')}`)
    else if (cell.isUnderlineColorPalette()) set.push(`58:5:${cell.getUnderlineColor()}`)
  }
  return `\u001b[${set.join(';')}m`
}

function styledUnderline(cell: Attributes): boolean {
  return Boolean(cell.fg & UNDERLINE) && cell.extended.urlId === 0 && cell.getUnderlineStyle() > 1
}

function colouredUnderline(cell: Attributes): boolean {
  return Boolean(cell.fg & UNDERLINE) && Boolean(cell.hasExtendedAttrs()) && cell.extended.underlineColor !== 0
}

/** The sixteen first colours have short names: 30–37 and 90–97 for text, ten more for the background. */
function palette(first: 30 | 40, colour: number): number[] {
  if (colour >= 16) return [first + 8, 5, colour]
  return [colour < 8 ? first + colour : first + 60 + (colour - 8)]
}

const rgb = (colour: number) => [(colour >>> 16) & 0xff, (colour >>> 8) & 0xff, colour & 0xff]
