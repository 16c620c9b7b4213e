import { KeyProblem } from './keyProblem.ts'
import { openedKey } from './openedKey.ts'
import type { KeyFile } from './openKey.ts'
import { readKey } from './readKey.ts'

// A worker's own global scope; the DOM's types have the window's in its place.
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<KeyFile>) => void
  postMessage(message: unknown, moved?: readonly Transferable[]): void
}

scope.onmessage = async ({ data: { text, passphrase, keepPlain } }) => {
  try {
    const answer = await openedKey(await readKey(text, passphrase), keepPlain)
    scope.postMessage({ answer }, answer.pkcs8 ? [answer.pkcs8.buffer] : [])
  } catch (error) {
    scope.postMessage({ error: error instanceof KeyProblem ? error.code : error })
  }
}
