import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** ms between two looks, and MiB that they may differ by when memory has settled. */
const SETTLE_MS = 500
const SETTLED = 0.25

/** Ticks of a second in /proc (proc(5)); the same on every Linux that Node runs on. */
const TICKS = 100

/** Seconds of processor time that a process has used, in steps of 0.01 s. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program, in brackets, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

/** MiB of memory of a process that are in RAM. */
export function residentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / 1024
}

/** The same once it does not change any more, after 10 s at the latest. */
export async function settledMiB(pid: number): Promise<number> {
  let before = Number.NaN
  for (let looks = 0; looks < 20; looks++) {
    const now = residentMiB(pid)
    if (Math.abs(now - before) < SETTLED) return now
    before = now
    await pause(SETTLE_MS)
  }
  return before
}

/** A process and all that it has started, and those have, by number. */
export function family(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = parentOf(name)
    children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const below = (one: number): number[] => [one, ...(children.get(one) ?? []).flatMap(below)]
  return below(pid)
}

/** 0 of one that has just ended. */
function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}
