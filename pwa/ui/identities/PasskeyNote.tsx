import { passkeyAlgorithm } from '../../model/keys/passkeyKey.ts'
import './Identities.css'

/** What a passkey is as an SSH key, and what it takes of a server. */
export function PasskeyNote() {
  return (
    <>
      <p>
        It lies in this device or in a security key, and signs only when you confirm it there, at this address of the
        app alone. OpenSSH takes it from version 10.5 on. Earlier ones, from 8.5 on, need a line in sshd_config:
      </p>
      <code class="key-line">PubkeyAcceptedAlgorithms +{passkeyAlgorithm}</code>
    </>
  )
}
