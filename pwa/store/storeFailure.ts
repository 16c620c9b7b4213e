const texts = {
  quota: {
    message: 'The browser has no more space for Fairlead',
    remedy: 'Free some space for this site or on the disk; nothing that was saved before is lost.',
  },
  blocked: {
    message: 'Fairlead is open in another window in an older version',
    remedy: 'Close the other window, then reload this one.',
  },
  newer: {
    message: 'What is saved here was written by a newer Fairlead',
    remedy: 'Reload to get the newer version.',
  },
  closed: {
    message: 'Another window has updated what Fairlead saves',
    remedy: 'Reload this window.',
  },
  unavailable: {
    message: 'The browser does not let Fairlead save anything',
    remedy: 'Allow this site to store data, or leave private browsing.',
  },
} as const

/** Why a read or write of the browser's storage failed, in words for the person. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure'
  readonly code: keyof typeof texts
  readonly remedy: string

  constructor(code: keyof typeof texts, cause?: unknown) {
    super(texts[code].message, { cause })
    this.code = code
    this.remedy = texts[code].remedy
  }

  /** What IndexedDB threw, as a StoreFailure. */
  static of(error: unknown): StoreFailure {
    if (error instanceof StoreFailure) return error
    const name = error instanceof Error || error instanceof DOMException ? error.name : ''
    if (name === 'QuotaExceededError') return new StoreFailure('quota', error)
    if (name === 'VersionError') return new StoreFailure('newer', error)
    if (name === 'InvalidStateError') return new StoreFailure('closed', error)
    return new StoreFailure('unavailable', error)
  }
}
