import { useRef, useState } from 'preact/hooks'
import type { FileInfo } from '../../../shared/fileInfo.ts'

/** Milliseconds without a key after which typing begins a new search. */
const pause = 1000

/** Index of the first entry from `at` on, and around, whose name begins with the text; `at` where there is none. */
export function seekName(files: readonly FileInfo[], text: string, at: number): number {
  const wanted = text.toLocaleLowerCase()
  for (let step = 0; step < files.length; step++) {
    const index = (Math.max(0, at) + step) % files.length
    if (files[index]?.name.toLocaleLowerCase().startsWith(wanted)) return index
  }
  return at
}

/** Typing to find: letters gather until a pause. */
export function useSeek() {
  const [text, show] = useState('')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const set = (next: string) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => show(''), pause)
    show(next)
    return next
  }
  return {
    text,
    add: (letter: string, files: readonly FileInfo[], at: number) => seekName(files, set(text + letter), at),
    shorten: (files: readonly FileInfo[], at: number) => seekName(files, set(text.slice(0, -1)), at),
  }
}

/** What a key does to the search by typing; undefined where it is not for it. A blank begins none, nor does what begins the filter. */
export function seekKey(
  event: KeyboardEvent,
  seek: ReturnType<typeof useSeek>,
  files: readonly FileInfo[],
  at: number,
  go: (index: number) => void,
): (() => void) | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined
  if (event.key === 'Backspace' && seek.text) return () => go(seek.shorten(files, at))
  if (event.key.length !== 1 || (!seek.text && (event.key === ' ' || event.key === '/'))) return undefined
  return () => go(seek.add(event.key, files, at))
}
