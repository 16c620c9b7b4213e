/** What a transfer is called after the names that it is made of: the first, and how many more. Pure. */
export function titleOf(names: readonly string[]): string {
  const different = new Set(names)
  const [first = 'Nothing'] = different
  return different.size > 1 ? `${first} and ${(different.size - 1).toLocaleString('en')} more` : first
}
