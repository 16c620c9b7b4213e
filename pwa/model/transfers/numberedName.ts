import { stemOf } from '../files/names.ts'

/** The name of the nth file that keeps another of its name beside it, from 2 on: `notes (2).txt`. Pure. */
export function numberedName(name: string, nth: number): string {
  const stem = stemOf(name)
  return `${stem} (${nth})${name.slice(stem.length)}`
}
