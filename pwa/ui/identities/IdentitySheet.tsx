import { Copy, Download, ServerCog, Trash } from 'lucide'
import { useEffect, useRef, useState } from 'preact/hooks'
import { activeTab } from '../../commands/activeTab.ts'
import { askBeforeSigning } from '../../commands/ask-before-signing.ts'
import { copyPublicKey } from '../../commands/copy-public-key.ts'
import { downloadPublicKey } from '../../commands/download-public-key.ts'
import { installKey } from '../../commands/install-key.ts'
import { publicLine } from '../../commands/publicLine.ts'
import { removeIdentity } from '../../commands/remove-identity.ts'
import { renameIdentity } from '../../commands/rename-identity.ts'
import { showIdentities } from '../../commands/show-identities.ts'
import type { Identity } from '../../store/schema.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Check, Field } from '../kit/Field.tsx'
import { Fingerprint } from '../prompts/Fingerprint.tsx'
import { keyTypeText } from '../prompts/keyType.ts'
import { CertificatePart } from './CertificatePart.tsx'
import { PasskeyNote } from './PasskeyNote.tsx'
import { useFingerprint } from './useFingerprint.ts'
import './Identities.css'

/** One key or password: what it is, where it is used, and what can be done with it. */
export default function IdentitySheet({ identity }: { identity: Identity }) {
  const desk = useDesk()
  const [removing, ask] = useState(false)
  const { id, label, kind } = identity
  const back = () => void desk.run(showIdentities)
  const rename = (text: string) => text.trim() !== label && void desk.run(renameIdentity, { id, label: text })
  return (
    <Dialog
      title={kind === 'key' ? `Key ${label}` : `Password ${label}`}
      wide
      onClose={back}
      onSubmit={back}
      actions={
        <>
          {!removing && (
            <Button kind="danger" icon={Trash} onClick={() => ask(true)}>
              Remove
            </Button>
          )}
          <Button kind="primary" type="submit" autofocus={kind === 'password'}>
            Done
          </Button>
        </>
      }
    >
      <Field label="Name" value={label} onChange={(event) => rename(event.currentTarget.value)} />
      <Facts identity={identity} />
      {kind === 'key' && <KeyParts identity={identity} />}
      {removing && <Removal identity={identity} keep={() => ask(false)} />}
    </Dialog>
  )
}

function Facts({ identity: { id, kind, username, secret, createdAt, usedAt } }: { identity: Identity }) {
  const { app } = useDesk()
  const hosts = app.identities.usedBy(id).map((host) => host.label)
  return (
    <dl class="identity-facts">
      {kind === 'password' && (
        <div>
          <dt>User name</dt>
          <dd>{username}</dd>
        </div>
      )}
      <div>
        <dt>Kept</dt>
        <dd>{kept[secret.kind]}</dd>
        <dd>
          Since {day.format(createdAt)}
          {usedAt !== undefined && `, last used on ${day.format(usedAt)}`}
        </dd>
      </div>
      <div>
        <dt>Logs in to</dt>
        <dd>
          {hosts.length ? hosts.join(', ') : 'No host yet. Choose it where a host is edited, or when you log in.'}
        </dd>
      </div>
    </dl>
  )
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

const kept = {
  device: 'In this browser. It cannot be taken out of it.',
  sealed: 'In the vault, encrypted.',
  passkey: 'As a passkey of this device or of a security key.',
  ask: 'Its secret is not in this browser. Import its file again to use it.',
}

function KeyParts({ identity }: { identity: Identity }) {
  const desk = useDesk()
  const { id, keyType = '', publicKey, consent = false, secret } = identity
  const fingerprint = useFingerprint(publicKey)
  return (
    <>
      {fingerprint && <Fingerprint of={fingerprint} label={`${keyTypeText(keyType)} key`} />}
      <dl class="identity-facts">
        <div>
          <dt>Public key, as a line of ~/.ssh/authorized_keys</dt>
          <dd class="key-line">{publicLine(identity)}</dd>
        </div>
      </dl>
      <div class="key-actions">
        <Button icon={Copy} onClick={() => void desk.run(copyPublicKey, id)} autofocus>
          Copy
        </Button>
        <Button icon={Download} onClick={() => void desk.run(downloadPublicKey, id)}>
          Download
        </Button>
        {desk.can(installKey) && (
          <Button
            icon={ServerCog}
            onClick={() => {
              const tab = activeTab(desk)
              if (tab) desk.view.sheet.value = { kind: 'install-key', tabId: tab.id, identityId: id }
            }}
          >
            Install on {activeTab(desk)?.session.target.host}
          </Button>
        )}
      </div>
      {secret.kind === 'passkey' ? (
        <PasskeyNote />
      ) : (
        <>
          <CertificatePart identity={identity} />
          <Check
            label="Ask before each signature"
            hint="You confirm each login with this key."
            checked={consent}
            onChange={(checked) => void desk.run(askBeforeSigning, { id, consent: checked })}
          />
        </>
      )}
    </>
  )
}

function Removal({ identity: { id, kind }, keep }: { identity: Identity; keep(): void }) {
  const desk = useDesk()
  const hosts = desk.app.identities.usedBy(id).map((host) => host.label)
  const what = kind === 'key' ? 'key' : 'password'
  const question = useRef<HTMLDivElement>(null)
  useEffect(() => {
    question.current?.scrollIntoView({ block: 'nearest' })
    question.current?.querySelector('button')?.focus()
  }, [])
  return (
    <div ref={question} class="key-question" role="alert">
      <p>
        {hosts.length > 0 ? `${hosts.join(', ')} will ask how to log in. ` : ''}
        {kind === 'key'
          ? 'There is no copy of this key here. Hosts that know it go on accepting it until its line is removed there.'
          : 'There is no copy of this password here.'}
      </p>
      <div class="key-actions">
        <Button onClick={keep}>Keep it</Button>
        <Button kind="danger" onClick={() => void desk.run(removeIdentity, id)}>
          Remove this {what}
        </Button>
      </div>
    </div>
  )
}
