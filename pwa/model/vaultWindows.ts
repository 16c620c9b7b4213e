import { newId } from './id.ts'

/** An open vault: its key, which gives itself out to nobody, and the name of the unlocking that opened it. */
export interface Opening {
  id: string
  vault: string
  key: CryptoKey
}

type Message =
  | { kind: 'is-it-open'; vault: string }
  | { kind: 'open'; opening: Opening }
  | { kind: 'lock'; vault: string; ended: string | undefined }

/**
 * Keeps a vault open or locked in all windows of the app at once. The key goes from window to window as a CryptoKey that
 * cannot be exported: its bytes stand in no message and no storage. A script that could listen to it runs in this origin, where it
 * could use the key of any window anyway; so to ask for the passphrase in each window would protect nothing, and teach
 * people to type it often.
 */
export class VaultWindows {
  readonly #channel: BroadcastChannel
  /** Openings that were ended, so that a late answer of another window does not bring one back. */
  readonly #ended = new Set<string>()

  /** @param here the opening of this window, if it has one */
  constructor(on: { opened(opening: Opening): void; locked(vault: string): void; here(): Opening | undefined }) {
    this.#channel = new BroadcastChannel('fairlead-vault')
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.kind === 'is-it-open') {
        const opening = on.here()
        if (opening?.vault === data.vault) this.#send({ kind: 'open', opening })
      } else if (data.kind === 'lock') {
        if (data.ended !== undefined) this.#ended.add(data.ended)
        on.locked(data.vault)
      } else if (!this.#ended.has(data.opening.id)) on.opened(data.opening)
    }
  }

  /** Asks whether another window has it open. */
  ask(vault: string): void {
    this.#send({ kind: 'is-it-open', vault })
  }

  /** This window has opened it: so have all. */
  open(vault: string, key: CryptoKey): Opening {
    const opening = { id: newId(), vault, key }
    this.#send({ kind: 'open', opening })
    return opening
  }

  /** This window locks it: so do all. */
  lock(vault: string, opening: Opening | undefined): void {
    if (opening) this.#ended.add(opening.id)
    this.#send({ kind: 'lock', vault, ended: opening?.id })
  }

  close(): void {
    this.#channel.close()
  }

  #send(message: Message): void {
    try {
      this.#channel.postMessage(message)
    } catch (error) {
      // Where keys cannot be handed over, as in Node, each window asks for the passphrase.
      if (message.kind !== 'open' || !(error instanceof DOMException && error.name === 'DataCloneError')) throw error
    }
  }
}
