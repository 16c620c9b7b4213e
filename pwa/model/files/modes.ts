/** The bits of a mode that can be changed: permissions, set-user-id, set-group-id and sticky. */
export const MODE_BITS = 0o7777

/** What is to become of a mode: bits that are set and bits that are cleared; all others stay as they are. */
export interface ModeChange {
  set: number
  clear: number
}

/** The change that leaves nothing as it is. Pure. */
export function wholeMode(mode: number): ModeChange {
  return { set: mode & MODE_BITS, clear: ~mode & MODE_BITS }
}

/** What files have in common: the bits that all have, and those that none has. Pure. */
export function commonMode(modes: readonly number[]): ModeChange {
  return modes.reduce<ModeChange>(({ set, clear }, mode) => ({ set: set & mode, clear: clear & ~mode }), {
    set: modes.length > 0 ? MODE_BITS : 0,
    clear: modes.length > 0 ? MODE_BITS : 0,
  })
}

/** A mode after a change, without type bits. Pure. */
export function changedMode(mode: number, { set, clear }: ModeChange): number {
  return ((mode & ~clear) | set) & MODE_BITS
}

/** Whether a change says what becomes of every bit. Pure. */
export function isWhole({ set, clear }: ModeChange): boolean {
  return (set | clear) === MODE_BITS
}

/** How a bit stands: set, cleared, or as it is. Pure. */
export function bitState({ set, clear }: ModeChange, bit: number): boolean | undefined {
  return set & bit ? true : clear & bit ? false : undefined
}

/** A change with one bit decided, or left as it is. Pure. */
export function withBit({ set, clear }: ModeChange, bit: number, state: boolean | undefined): ModeChange {
  return {
    set: state === true ? set | bit : set & ~bit,
    clear: state === false ? clear | bit : clear & ~bit,
  }
}

/** As chmod takes it: `644`, `4755`; empty where the change leaves bits as they are. Pure. */
export function octalText(change: ModeChange): string {
  return isWhole(change) ? change.set.toString(8).padStart(3, '0') : ''
}

/** Reads three or four octal digits; undefined for anything else. Pure. */
export function readOctal(text: string): number | undefined {
  return /^0?[0-7]{3,4}$/.test(text) && Number.parseInt(text, 8) <= MODE_BITS ? Number.parseInt(text, 8) : undefined
}
