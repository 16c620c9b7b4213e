import { KeyRound } from 'lucide'
import { useState } from 'preact/hooks'
import type { Prompt } from '../../../shared/protocol.ts'
import { logInWith } from '../../commands/log-in-with.ts'
import { rememberPassword } from '../../commands/remember-password.ts'
import { useDesk } from '../desk.ts'
import { useDefaultKeep } from '../identities/KeepChoice.tsx'
import { KeyDrop } from '../identities/KeyDrop.tsx'
import { KeyPassphrase } from '../identities/KeyPassphrase.tsx'
import { useKeyImport } from '../identities/useKeyImport.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Check, Field } from '../kit/Field.tsx'
import { keyTypeText } from './keyType.ts'
import { type PromptProps, throughRelay } from './PromptDialog.tsx'
import { TimeLeft } from './TimeLeft.tsx'
import './LoginPrompt.css'

/** Saved keys that are shown as buttons; the others are chosen where the host is edited. */
const SHOWN = 6

/** Password or key, whichever the server still takes. A key stays in the browser, where that can sign. */
export function LoginPrompt({ prompt, question, answer, cancel }: PromptProps<Extract<Prompt, { kind: 'login' }>>) {
  const desk = useDesk()
  const { app } = desk
  const takesKeys = question.methods.includes('publickey')
  const [way, go] = useState<'password' | 'publickey'>(question.methods.includes('password') ? 'password' : 'publickey')
  const [secret, type] = useState('')
  const [keepsKey, keepKey] = useState(true)
  const [keepsPassword, keepPassword] = useState(false)
  const key = useKeyImport()
  const vault = useDefaultKeep()
  const tab = app.tabs.get(prompt.tabId)
  const hostId = tab?.record.value.hostId
  // A hop on the way has a login of its own; what is kept here is for the host of the tab.
  const ownHost = tab?.session.target.host === question.host && (tab.session.target.port ?? 22) === question.port
  const keys = app.identities.list.value.filter((one) => app.identities.offer(one.id) !== undefined)

  const useKey = (identityId: string, keep: boolean) => {
    const identity = app.identities.offer(identityId)
    if (!identity) return
    if (keep && tab && ownHost && hostId !== undefined) {
      void desk.run(logInWith, { hostId, identityId, onceOpen: tab })
    }
    answer({ kind: 'login', identity })
  }
  const usePassword = () => {
    if (vault === 'vault' && keepsPassword && tab && ownHost && hostId !== undefined) {
      void desk.run(rememberPassword, { tab, username: question.username, password: secret })
    }
    answer({ kind: 'login', password: secret })
  }
  const useFile = async () => {
    if (!app.secure) {
      // Without cryptography in the page, the relay has to read the key.
      answer({ kind: 'login', privateKey: key.text, ...(key.passphrase && { passphrase: key.passphrase }) })
      return
    }
    const identity = await key.open(keepsKey ? vault : 'page', '')
    if (identity) useKey(identity.id, keepsKey)
  }
  return (
    <Dialog
      title={`Log in to ${question.host}`}
      onClose={cancel}
      onSubmit={() => (way === 'password' ? usePassword() : void useFile())}
      actions={
        <>
          <TimeLeft prompt={prompt} />
          <Button onClick={cancel}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={key.busy || (way === 'publickey' && !key.text)}>
            {key.busy ? 'Opening the key…' : 'Log in'}
          </Button>
        </>
      }
    >
      <p>
        As <b>{question.username}</b>, port {question.port}, {throughRelay(prompt)}.{' '}
        {way === 'password' || !app.secure
          ? 'The relay passes it to the server and does not keep it.'
          : 'A key stays in this browser, which signs for the relay.'}
      </p>
      {(question.refused > 0 || question.problem) && (
        <p class="refused" role="alert">
          {question.refused > 0 ? 'The server refused that. Check it and try again.' : question.problem}
        </p>
      )}
      {takesKeys && keys.length > 0 && (
        <ul class="saved-keys" aria-label="Log in with a key">
          {keys.slice(0, SHOWN).map(({ id, label, keyType = '' }) => (
            <li key={id}>
              <Button icon={KeyRound} onClick={() => useKey(id, true)}>
                {label} <small>{keyTypeText(keyType)}</small>
              </Button>
            </li>
          ))}
        </ul>
      )}
      {question.methods.length > 1 && (
        <div class="ways" role="radiogroup" aria-label="Log in with">
          {(['password', 'publickey'] as const).map((one) => (
            <label key={one}>
              <input type="radio" name="way" checked={way === one} onChange={() => go(one)} />
              <span>{one === 'password' ? 'Password' : 'Key file'}</span>
            </label>
          ))}
        </div>
      )}
      {way === 'password' ? (
        <>
          <Field
            key="password"
            label="Password"
            type="password"
            autocomplete="current-password"
            autofocus
            value={secret}
            onInput={(event) => type(event.currentTarget.value)}
          />
          {vault === 'vault' && ownHost && (
            <Check label="Keep it in the vault for this host" checked={keepsPassword} onChange={keepPassword} />
          )}
        </>
      ) : (
        <>
          <KeyDrop chosen={key.name} focused take={key.take} />
          <KeyPassphrase of={key} asked={key.encrypted || !app.secure} />
          {app.secure && (
            <Check
              label={vault === 'vault' ? 'Keep it in the vault for this host' : 'Keep it in this browser for this host'}
              hint="Otherwise it is forgotten with this page."
              checked={keepsKey}
              onChange={keepKey}
            />
          )}
        </>
      )}
    </Dialog>
  )
}
