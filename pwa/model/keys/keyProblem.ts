/** Why a key file cannot be opened; `pwa/model/failure.ts` has the words for each. */
export const keyProblems = [
  'key-unreadable',
  'key-public',
  'key-unsupported',
  'key-too-costly',
  'key-passphrase-needed',
  'key-passphrase-wrong',
] as const
type KeyProblemCode = (typeof keyProblems)[number]

/** The only thing that the readers of key files throw. It holds nothing of the file. */
export class KeyProblem extends Error {
  override readonly name = 'KeyProblem'
  readonly code: KeyProblemCode

  constructor(code: KeyProblemCode, cause?: unknown) {
    super(code, { cause })
    this.code = code
  }
}
