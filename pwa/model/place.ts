/** What to do with a piece of output; `at` is the first byte of it to show. */
export type Placing = { kind: 'write'; at: number } | { kind: 'skip' } | { kind: 'gap'; missing: number }

/**
 * Where `length` bytes that begin at `offset` belong, when everything before `received` is had: to write whole, to write
 * from within, to skip as had already, or after a gap. Pure.
 */
export function place(offset: number, length: number, received: number): Placing {
  if (offset > received) return { kind: 'gap', missing: offset - received }
  if (offset + length <= received) return { kind: 'skip' }
  return { kind: 'write', at: received - offset }
}
