import { KeyRound, Plus, RectangleEllipsis } from 'lucide'
import { addPassword } from '../../commands/add-password.ts'
import { importKey } from '../../commands/import-key.ts'
import { makeKey } from '../../commands/make-key.ts'
import { showIdentity } from '../../commands/show-identity.ts'
import { readCertificate } from '../../model/keys/certificate.ts'
import type { Identity } from '../../store/schema.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Icon } from '../kit/Icon.tsx'
import { keyTypeText } from '../prompts/keyType.ts'
import { certificateText } from './certificateText.ts'
import { useFingerprint } from './useFingerprint.ts'
import './Identities.css'

/** The keys and passwords that are kept in this browser, and the ways to add one. */
export default function IdentitiesSheet({ close }: { close(): void }) {
  const desk = useDesk()
  const { app } = desk
  const all = app.identities.list.value
  return (
    <Dialog
      title="Keys and passwords"
      wide
      onClose={close}
      onSubmit={close}
      actions={
        <>
          {app.secure && (
            <>
              <Button icon={Plus} onClick={() => void desk.run(makeKey)}>
                New key
              </Button>
              <Button onClick={() => void desk.run(importKey)}>Import a key</Button>
            </>
          )}
          {desk.can(addPassword) && <Button onClick={() => void desk.run(addPassword)}>Keep a password</Button>}
          <Button kind="primary" type="submit" autofocus>
            Done
          </Button>
        </>
      }
    >
      <p>{app.secure ? introduction(all.length > 0, app.vault.state.value) : plainHttp}</p>
      {all.length > 0 && (
        <ul class="identities">
          {all.map((identity) => (
            <Row key={identity.id} identity={identity} />
          ))}
        </ul>
      )}
    </Dialog>
  )
}

const plainHttp =
  'This page came over plain http, where browsers give no cryptography. Keys can be kept and used over https, on localhost, and in the extension.'

function introduction(some: boolean, vault: 'none' | 'locked' | 'open'): string {
  const signs = 'Private keys stay in this browser: it signs for the relay, which never has them.'
  const passwords =
    vault === 'none' ? ' Passwords are asked for each time; with a vault they can be kept, encrypted.' : ''
  return `${some ? '' : 'None yet. '}${signs}${passwords}`
}

function Row({ identity }: { identity: Identity }) {
  const desk = useDesk()
  const { id, label, kind, keyType, publicKey, username, secret, consent, certificate } = identity
  const fingerprint = useFingerprint(publicKey)
  const hosts = desk.app.identities.usedBy(id)
  const known = certificate === undefined ? undefined : readCertificate(certificate)
  const state = known && certificateText(known, Date.now())
  const notes = [
    secret.kind === 'sealed' && 'in the vault',
    secret.kind === 'ask' && 'its secret is not here',
    consent && 'asks before signing',
    hosts.length > 0 && `logs in to ${hosts.map((host) => host.label).join(', ')}`,
  ].filter((note) => typeof note === 'string')
  return (
    <li>
      <button type="button" onClick={() => void desk.run(showIdentity, id)}>
        <Icon of={kind === 'key' ? KeyRound : RectangleEllipsis} />
        <span class="identity">
          <b>{label}</b>
          <span>
            {kind === 'key' ? keyTypeText(keyType ?? '') : `Password of ${username ?? ''}`}
            {fingerprint && <code> {fingerprint}</code>}
          </span>
          {notes.length > 0 && <span>{sentence(notes.join(' · '))}</span>}
          {state && <span class={state.warn ? 'warns' : undefined}>Certificate: {state.text}</span>}
        </span>
      </button>
    </li>
  )
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
