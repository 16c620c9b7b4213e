import { effect } from '@preact/signals'
import { Failed } from './failure.ts'
import type { Hello, Link } from './link.ts'

/** Resolves with the relay's hello as soon as the link is online; with the first that comes if it was given up. */
export function onceOnline(link: Link, givenUp: () => boolean): Promise<Hello> {
  return new Promise((resolve, reject) => {
    const stop = effect(() => {
      const hello = link.hello.value
      const state = link.state.value
      if (hello) resolve(hello)
      else if (state === 'refused') reject(new Failed(link.failure.peek() ?? 'relay-refused'))
      else if (!givenUp()) return
      queueMicrotask(() => stop())
    })
  })
}
