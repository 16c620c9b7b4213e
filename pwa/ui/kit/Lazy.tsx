import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

const loads: (() => Promise<unknown>)[] = []

/** Fetches every component that is not here yet, one after the other; one that fails is fetched again when it is shown. */
export async function prefetchLazy(): Promise<void> {
  for (const load of loads) await load().catch(() => undefined)
}

/** A component that is fetched when it is first shown, or before by `preload`; nothing stands in its place meanwhile. */
export function lazy<P extends object>(
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> & { preload(): Promise<unknown> } {
  let loaded: ComponentType<P> | undefined
  const preload = async () => {
    loaded ??= await load()
    return loaded
  }
  loads.push(preload)
  function Lazy(props: P) {
    const [Loaded, show] = useState<ComponentType<P> | undefined>(() => loaded)
    useEffect(() => {
      if (Loaded) return
      let shown = true
      preload().then((component) => {
        if (shown) show(() => component)
      })
      return () => {
        shown = false
      }
    }, [])
    return Loaded ? <Loaded {...props} /> : null
  }
  return Object.assign(Lazy, { preload })
}
