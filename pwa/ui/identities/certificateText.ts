import { type Certificate, validity } from '../../model/keys/certificate.ts'

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** How a certificate stands at a moment, in a sentence; `warn` where it logs nobody in. */
export function certificateText(certificate: Certificate, now: number): { text: string; warn: boolean } {
  const { validFrom = 0, validUntil } = certificate
  switch (validity(certificate, now)) {
    case 'expired':
      return { text: `Expired on ${moment.format(validUntil)}. Ask for a new one.`, warn: true }
    case 'not-yet':
      return { text: `Good from ${moment.format(validFrom)} on.`, warn: true }
    case 'valid':
      return {
        text: validUntil === undefined ? 'Good without an end.' : `Good until ${moment.format(validUntil)}.`,
        warn: false,
      }
  }
}
