import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

/** How wide an element is, in its own ems; followed as it changes. */
export function useEms(of: RefObject<HTMLElement | null>): number {
  const [ems, set] = useState(30)
  useLayoutEffect(() => {
    const element = of.current
    if (!element) return
    const measure = () => {
      const { width } = element.getBoundingClientRect()
      // A pane that is not shown has no width, and nothing to lay out.
      if (width) set(Math.floor((width / Number.parseFloat(getComputedStyle(element).fontSize)) * 2) / 2)
    }
    const sized = new ResizeObserver(measure)
    sized.observe(element)
    measure()
    return () => sized.disconnect()
  }, [of])
  return ems
}
