import { setUp } from '../setup.mjs'

/** Before the long tests: what they drive is installed, or they do not begin. */
export default function globalSetup() {
  const missing = setUp({ long: true })
  if (missing.length > 0) throw new Error(missing.join('\n'))
}
