import { type Argon2Ask, argon2 } from './argon2.ts'

// The DOM library, which the app is written against, types the global scope as a window.
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Argon2Ask>) => void
  postMessage(message: { answer: Uint8Array } | { error: Error }): void
}

scope.onmessage = ({ data }) => {
  argon2(data).then(
    (answer) => scope.postMessage({ answer }),
    (error) => scope.postMessage({ error: error instanceof Error ? error : new Error(String(error)) }),
  )
}
