/** Web Locks as a browser has them, exclusive ones alone: Node 20 has none. */
export class WebLocks {
  readonly #held = new Map<string, Promise<unknown>>()

  async request<T>(
    name: string,
    ...rest: [{ ifAvailable?: boolean; signal?: AbortSignal }, (lock: Lock | null) => T] | [(lock: Lock | null) => T]
  ): Promise<Awaited<T>> {
    const [options, got] = rest.length === 2 ? rest : [{}, rest[0]]
    if (this.#held.has(name) && options.ifAvailable) return await got(null)
    while (this.#held.has(name)) {
      const aborted = new Promise<never>((_, reject) =>
        options.signal?.addEventListener('abort', () => reject(options.signal?.reason)),
      )
      await Promise.race([this.#held.get(name), aborted])
      options.signal?.throwIfAborted()
    }
    const holding = (async () => got({ name, mode: 'exclusive' }))()
    const over = holding.then(
      () => undefined,
      () => undefined,
    )
    this.#held.set(name, over)
    void over.then(() => this.#held.delete(name))
    return (await holding) as Awaited<T>
  }
}
