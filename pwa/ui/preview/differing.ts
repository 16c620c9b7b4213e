/** Lines, from 0, between those that two texts begin and end with alike; the end is not among them. */
export function differing(
  mine: string,
  theirs: string,
): { mine: readonly [from: number, to: number]; theirs: readonly [from: number, to: number] } {
  const [a, b] = [mine.split('\n'), theirs.split('\n')]
  const least = Math.min(a.length, b.length)
  let from = 0
  while (from < least && a[from] === b[from]) from++
  let same = 0
  while (same < least - from && a.at(-1 - same) === b.at(-1 - same)) same++
  return { mine: [from, a.length - same], theirs: [from, b.length - same] }
}
