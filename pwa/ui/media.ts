import { useEffect, useState } from 'preact/hooks'

/** Whether a media query holds, followed as it changes. */
function useMedia(query: string): boolean {
  const [holds, set] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const media = matchMedia(query)
    const changed = () => set(media.matches)
    media.addEventListener('change', changed)
    changed()
    return () => media.removeEventListener('change', changed)
  }, [query])
  return holds
}

/** Whether fingers are the main pointer. */
export const useCoarse = () => useMedia('(pointer: coarse)')

/** Whether two panes stand better one above the other: a tablet held upright. */
export const useUpright = () => useMedia('(orientation: portrait) and (width < 1000px)')

/** Whether there is room for one pane only. */
export const useNarrow = () => useMedia('(width < 640px)')
