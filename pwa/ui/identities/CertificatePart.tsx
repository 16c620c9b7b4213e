import { BadgeCheck } from 'lucide'
import { useState } from 'preact/hooks'
import { certifyKey } from '../../commands/certify-key.ts'
import { readCertificate } from '../../model/keys/certificate.ts'
import type { Identity } from '../../store/schema.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { certificateText } from './certificateText.ts'
import { KeyDrop } from './KeyDrop.tsx'

/** The certificate of a key: for whom and how long it is good, and a way to give it one. */
export function CertificatePart({ identity: { id, certificate: blob } }: { identity: Identity }) {
  const desk = useDesk()
  const [adding, add] = useState(false)
  const certificate = blob === undefined ? undefined : readCertificate(blob)
  const set = async (line: string | undefined) => {
    await desk.run(certifyKey, { id, line })
    add(false)
  }
  if (adding) {
    return (
      <>
        <KeyDrop chosen={undefined} focused what="certificate" take={([file]) => file && void set(file.text.trim())} />
        <p>A certificate is the file beside a key that ends in “-cert.pub”. An authority has signed it.</p>
      </>
    )
  }
  if (!certificate) {
    return (
      <div class="key-actions">
        <Button icon={BadgeCheck} onClick={() => add(true)}>
          Add a certificate
        </Button>
      </div>
    )
  }
  const { text, warn } = certificateText(certificate, Date.now())
  const { keyId, principals, serial, bounds } = certificate
  return (
    <>
      <dl class="identity-facts">
        <div>
          <dt>Certificate</dt>
          <dd>
            {keyId || 'Without a name'}, number {serial}
          </dd>
          <dd class={warn ? 'warns' : undefined}>{text}</dd>
          <dd>
            {principals.length ? `For ${principals.join(', ')}.` : 'For every user.'}
            {bounds.length > 0 && ` Bound to ${bounds.join(', ')}.`}
          </dd>
        </div>
      </dl>
      <div class="key-actions">
        <Button onClick={() => add(true)}>Replace the certificate</Button>
        <Button onClick={() => void set(undefined)}>Take it away</Button>
      </div>
    </>
  )
}
