/** The middle of the figures; of an even number the upper one of the two. */
export function median(figures: readonly number[]): number {
  return percentile(figures, 50)
}

/** The figure that `share` percent of the figures do not exceed. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))] ?? Number.NaN
}

/** Runs `once` for every way in turn, as often as there are rounds, so that a slow moment of the machine hits all. */
export async function interleave<Way extends { name: string }>(
  rounds: number,
  ways: readonly Way[],
  once: (way: Way) => Promise<number[]>,
): Promise<Record<string, number[]>> {
  const figures: Record<string, number[]> = {}
  for (const way of ways) figures[way.name] = []
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) figures[way.name]?.push(...(await once(way)))
  }
  return figures
}
