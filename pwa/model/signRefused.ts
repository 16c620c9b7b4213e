/** Why a signature was refused; each is a case that an honest relay never makes. */
export type RefusalReason =
  | 'malformed'
  | 'other-user'
  | 'other-key'
  | 'other-algorithm'
  | 'host-not-accepted'
  | 'other-session'
  | 'host-did-not-sign'
  | 'not-begun'
  | 'expired'
  | 'second-signature'

/** A request for a signature that must not be given. */
export class SignRefused extends Error {
  override readonly name = 'SignRefused'
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, cause?: unknown) {
    super(`Not signed: ${reason}`, { cause })
    this.reason = reason
  }
}
