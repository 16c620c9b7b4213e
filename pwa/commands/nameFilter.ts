const folded = (text: string) => text.normalize('NFC').toLowerCase()

/**
 * Whether a name fits what was typed into the filter: holds it, in either case; with `*` or `?` in it the whole name has
 * to fit, as in a shell.
 */
export function nameFilter(text: string): (name: string) => boolean {
  const wanted = folded(text.trim())
  if (!wanted) return () => true
  if (!/[*?]/.test(wanted)) return (name) => folded(name).includes(wanted)
  return (name) => fits(wanted, folded(name))
}

/** A wildcard pattern, matched in at most pattern × name steps: only the last `*` is ever taken up again. */
function fits(pattern: string, name: string): boolean {
  let [p, n] = [0, 0]
  let star: { p: number; n: number } | undefined
  while (n < name.length) {
    const wanted = pattern[p]
    if (wanted === '*') {
      star = { p: ++p, n }
    } else if (wanted === '?' || wanted === name[n]) {
      p++
      n++
    } else if (star) {
      p = star.p
      n = ++star.n
    } else {
      return false
    }
  }
  return [...pattern.slice(p)].every((rest) => rest === '*')
}
