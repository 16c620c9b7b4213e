import { Failed } from '../failure.ts'
import { askWorker } from '../worker.ts'
import { keyProblems } from './keyProblem.ts'
import type { OpenedKey } from './openedKey.ts'
import workerUrl from './openKey.worker.ts?worker&url'

/** A key file as it is opened. */
export interface KeyFile {
  text: string
  passphrase?: string | undefined
  /** Whether its bytes are wanted for the vault. */
  keepPlain: boolean
}

/** Opens a key file: deriving its key takes seconds, and what is in the clear meanwhile goes with the worker. */
export type OpenKey = (file: KeyFile) => Promise<OpenedKey>

/** Opens it in a worker of its own. Rejects with `Failed`. */
export const openInWorker: OpenKey = async (file) => {
  try {
    return await askWorker<OpenedKey>(workerUrl, file)
  } catch (error) {
    const code = keyProblems.find((one) => one === error)
    throw code ? new Failed(code) : error
  }
}
