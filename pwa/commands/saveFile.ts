/** Milliseconds after which a download has begun for certain, so that its contents can be let go. */
const begun = 10_000

/** Saves a text as a file, as the browser saves downloads. Call it from a click. */
export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), begun)
}
