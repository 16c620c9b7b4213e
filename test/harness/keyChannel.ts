const open = new Map<string, Set<KeyChannel>>()

/** A BroadcastChannel within this process that carries a CryptoKey, as those of browsers do and Node's does not. */
export class KeyChannel {
  readonly name: string
  onmessage: ((event: { data: unknown }) => void) | null = null

  constructor(name: string) {
    this.name = name
    open.set(name, (open.get(name) ?? new Set()).add(this))
  }

  postMessage(message: unknown): void {
    const data = structuredClone(message)
    for (const other of open.get(this.name) ?? []) {
      if (other !== this) setTimeout(() => open.get(this.name)?.has(other) && other.onmessage?.({ data }))
    }
  }

  close(): void {
    open.get(this.name)?.delete(this)
  }
}
