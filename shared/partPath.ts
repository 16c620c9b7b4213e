import { encodeName } from './fileName.ts'

/** Bytes of a name that no common file system goes beyond. */
const LONGEST = 255

/**
 * Where a file is written until it is whole: `.name.<random>.part` beside its place, its name cut so that it fits. Pure.
 * @param random letters and digits
 */
export function partPath(target: string, random: string, ending: 'part' | 'old' = 'part'): string {
  const path = target.replace(/\/+$/, '')
  const at = path.lastIndexOf('/') + 1
  const tail = `.${random}.${ending}`
  return `${path.slice(0, at)}.${cut(path.slice(at), LONGEST - 1 - tail.length)}${tail}`
}

function cut(name: string, bytes: number): string {
  if (encodeName(name).length <= bytes) return name
  let kept = ''
  let left = bytes
  for (const character of name) {
    left -= encodeName(character).length
    if (left < 0) break
    kept += character
  }
  return kept
}
