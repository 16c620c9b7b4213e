import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Failed } from '../../model/failure.ts'
import { useDesk } from '../desk.ts'

/** Milliseconds before what could not be fetched is fetched again: at first, and at most. */
const again = { first: 1_000, most: 8_000 } as const

const loads: (() => Promise<unknown>)[] = []

/** Fetches every component that is not here yet, one after the other; one that fails is fetched again when it is shown. */
export async function prefetchLazy(): Promise<void> {
  for (const load of loads) await load().catch(() => undefined)
}

/**
 * A component that is fetched when it is first shown, or before by `preload`; nothing stands in its place meanwhile. Where it
 * cannot be fetched that is said once, and it is tried again for as long as it is to be shown.
 */
export function lazy<P extends object>(
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> & {
  /** Rejects with `Failed` `part-missing`. */
  preload(): Promise<unknown>
} {
  let loaded: ComponentType<P> | undefined
  const preload = async () => {
    try {
      loaded ??= await load()
    } catch (error) {
      throw new Failed('part-missing', error)
    }
    return loaded
  }
  loads.push(preload)
  function Lazy(props: P) {
    const { view } = useDesk()
    const [Loaded, show] = useState<ComponentType<P> | undefined>(() => loaded)
    useEffect(() => {
      if (Loaded) return
      let shown = true
      let timer: ReturnType<typeof setTimeout> | undefined
      const fetch = async (wait: number) => {
        try {
          const component = await preload()
          if (shown) show(() => component)
        } catch (error) {
          if (!shown) return
          if (wait === again.first) view.fail(error)
          timer = setTimeout(fetch, wait, Math.min(2 * wait, again.most))
        }
      }
      void fetch(again.first)
      return () => {
        shown = false
        clearTimeout(timer)
      }
    }, [])
    return Loaded ? <Loaded {...props} /> : null
  }
  return Object.assign(Lazy, { preload })
}

/** Fetches a style sheet again that could not be fetched: Vite's loader asks once for each. Returns what ends it. */
export function fetchStylesAgain(): () => void {
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const fail = ({ target }: Event) => {
    if (!(target instanceof HTMLLinkElement) || target.rel !== 'stylesheet') return
    const timer = setTimeout(() => {
      timers.delete(timer)
      target.replaceWith(target.cloneNode())
    }, again.first)
    timers.add(timer)
  }
  document.addEventListener('error', fail, { capture: true })
  return () => {
    document.removeEventListener('error', fail, { capture: true })
    for (const timer of timers) clearTimeout(timer)
  }
}
