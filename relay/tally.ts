/** What the relay counts while it runs; `metrics.ts` shows it. Counters only rise. */
export class Tally {
  /** Connects by how they came out: `open`, a failure's code, or why the session ended before. */
  readonly connects = new Map<string, number>()
  /** Sessions that were open, by why they ended. */
  readonly ends = new Map<string, number>()
  /** Requests refused by a limit, by the failure's code. */
  readonly limits = new Map<string, number>()
  /** Files that were offered, by how their download came out: `whole`, `broken` by who fetched it, `unknown` offers, a failure's code. */
  readonly downloads = new Map<string, number>()
  /** Bytes of sessions that have ended: from hosts, and to them. */
  readonly bytes = { out: 0, in: 0 }

  count(counter: 'connects' | 'ends' | 'limits' | 'downloads', label: string): void {
    this[counter].set(label, (this[counter].get(label) ?? 0) + 1)
  }
}
