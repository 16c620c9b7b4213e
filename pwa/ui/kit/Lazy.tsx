import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** A component that is fetched when it is first shown; nothing stands in its place meanwhile. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined
  return function Lazy(props: P) {
    const [Loaded, show] = useState<ComponentType<P> | undefined>(() => loaded)
    useEffect(() => {
      if (loaded) return
      let shown = true
      load().then((component) => {
        loaded = component
        if (shown) show(() => component)
      })
      return () => {
        shown = false
      }
    }, [])
    return Loaded ? <Loaded {...props} /> : null
  }
}
