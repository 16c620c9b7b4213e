import { encodeName, isNameText } from '../../../shared/fileName.ts'

/** Bytes of a name that no common file system goes beyond. */
const longest = 255

/** Why this cannot be the name of a file, a whole sentence; undefined where it can. Pure. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'A name is needed.'
  if (name === '.' || name === '..') return `“${name}” means a folder on the way, and cannot be a name.`
  if (name.includes('/')) return 'A name cannot hold a slash.'
  if (!isNameText(name)) return 'This holds a character that no name can hold.'
  if (encodeName(name).length > longest) return `A name has at most ${longest} bytes.`
  return undefined
}

/** What of a name is before its extension: that is changed more often. A leading dot begins no extension. */
export function stemOf(name: string): string {
  const dot = name.lastIndexOf('.')
  if (dot <= 0) return name
  const stem = name.slice(0, dot)
  return /\.tar$/i.test(stem) && stem.length > 4 ? stem.slice(0, -4) : stem
}

/** The name of the nth copy beside a file: `notes copy.txt`, `notes copy 2.txt`. */
export function copyName(name: string, nth: number): string {
  const stem = stemOf(name)
  return `${stem} copy${nth > 1 ? ` ${nth}` : ''}${name.slice(stem.length)}`
}
