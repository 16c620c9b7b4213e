import { useEffect, useState } from 'preact/hooks'
import { fingerprint } from '../../model/knownHosts.ts'

/** `SHA256:…` of a public key blob in base64, as OpenSSH prints it; undefined until it is computed. */
export function useFingerprint(blob: string | undefined): string | undefined {
  const [found, find] = useState<string>()
  useEffect(() => {
    let wanted = true
    if (blob !== undefined) {
      void fingerprint(blob).then((text) => {
        if (wanted) find(text)
      })
    }
    return () => {
      wanted = false
    }
  }, [blob])
  return found
}
