/** The part of the W3C's Trusted Types that is used; TypeScript's DOM library does not have it, and takes a string in its place. */
interface PolicyFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL(text: string): string },
  ): { createScriptURL(text: string): string }
}

let policy: ReturnType<PolicyFactory['createPolicy']> | undefined

/**
 * The address of a script of the app itself, for a worker, by the one Trusted Types policy that the relay's
 * Content-Security-Policy allows; browsers without them take the text. Throws a `TypeError` for another origin.
 */
export function trustedScript(url: string): string {
  const types = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes
  policy ??= types?.createPolicy('fairlead', { createScriptURL: ownAddress })
  return policy ? policy.createScriptURL(url) : ownAddress(url)
}

function ownAddress(text: string): string {
  const { href, origin } = new URL(text, location.href)
  if (origin !== location.origin) throw new TypeError('A worker comes from the app itself')
  return href
}

/**
 * Puts one question to a worker that lives no longer than its answer. Rejects with what the worker threw.
 *
 * @param url of the worker's script, as Vite gives it for `?worker&url`
 */
export function askWorker<A>(url: string, ask: unknown): Promise<A> {
  const worker = new Worker(trustedScript(url), { type: 'module' })
  return new Promise<A>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ answer: A } | { error: unknown }>) =>
      'answer' in data ? resolve(data.answer) : reject(data.error)
    worker.onerror = (event) => reject(event.error ?? new Error(event.message || 'The worker could not be started'))
    worker.postMessage(ask)
  }).finally(() => worker.terminate())
}
