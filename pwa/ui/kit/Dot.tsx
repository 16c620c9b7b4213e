import './Dot.css'

/** How something stands. `busy` is on its way, `off` is at rest; each has its own shape besides its colour. */
export type DotState = 'ok' | 'busy' | 'warn' | 'bad' | 'off'

/** A small mark of state; the words stand beside it, or in `name` where there are none. */
export function Dot({ state, name }: { state: DotState; name?: string }) {
  return <span class={`dot ${state}`} {...(name ? { role: 'img', 'aria-label': name } : { 'aria-hidden': 'true' })} />
}
