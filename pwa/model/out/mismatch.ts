import { Refusal } from '../../../shared/failure.ts'
import { Failed } from '../failure.ts'

/** A file that does not have the bytes that it should. */
export function wrongSize(got: number, size: number): Failed {
  return new Failed(new Refusal('wrong-size', { detail: `Got ${got} of ${size} bytes` }).toFailure())
}

/** A file that is not what it was when its download began. */
export function changedMeanwhile(): Failed {
  return new Failed(new Refusal('changed-meanwhile').toFailure())
}
