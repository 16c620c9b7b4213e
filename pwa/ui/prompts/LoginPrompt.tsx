import { FileKey } from 'lucide'
import { useRef, useState } from 'preact/hooks'
import type { Prompt } from '../../../shared/protocol.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'
import { type PromptProps, throughRelay } from './PromptDialog.tsx'
import './LoginPrompt.css'

/** Characters of a private key file, the protocol's bound. */
const keyFileMax = 65_536

interface KeyFile {
  name: string
  text: string
}

/** Password or key, whichever the server still takes. */
export function LoginPrompt({ prompt, question, answer, cancel }: PromptProps<Extract<Prompt, { kind: 'login' }>>) {
  const [way, go] = useState<'password' | 'publickey'>(question.methods.includes('password') ? 'password' : 'publickey')
  const [secret, type] = useState('')
  const [key, take] = useState<KeyFile>()
  const [problem, report] = useState<string>()
  const picker = useRef<HTMLInputElement>(null)

  const read = async (file: File | undefined) => {
    if (!file) return
    const text = file.size > keyFileMax ? '' : await file.text()
    const good = /-----BEGIN [A-Z ]*PRIVATE KEY-----|^PuTTY-User-Key-File-/m.test(text)
    take(good ? { name: file.name, text } : undefined)
    report(
      good ? undefined : `${file.name} is not a private key. A key file begins with “-----BEGIN … PRIVATE KEY-----”.`,
    )
  }
  const submit = () => {
    if (way === 'password') answer({ kind: 'login', password: secret })
    else if (key) answer({ kind: 'login', privateKey: key.text, ...(secret && { passphrase: secret }) })
    else report('Choose a key file first.')
  }
  const both = question.methods.length > 1
  return (
    <Dialog
      title={`Log in to ${question.host}`}
      onClose={cancel}
      onSubmit={submit}
      actions={
        <>
          <Button onClick={cancel}>Cancel</Button>
          <Button kind="primary" type="submit">
            Log in
          </Button>
        </>
      }
    >
      <p>
        As <b>{question.username}</b>, port {question.port}, {throughRelay(prompt)}. The relay passes it to the server
        and does not keep it.
      </p>
      {question.refused > 0 && (
        <p class="refused" role="alert">
          The server refused that. Check it and try again.
        </p>
      )}
      {both && (
        <div class="ways" role="radiogroup" aria-label="Log in with">
          {(['password', 'publickey'] as const).map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="way"
                checked={way === one}
                onChange={() => {
                  go(one)
                  type('')
                  report(undefined)
                }}
              />
              <span>{one === 'password' ? 'Password' : 'Key file'}</span>
            </label>
          ))}
        </div>
      )}
      {way === 'password' ? (
        <Field
          key="password"
          label="Password"
          type="password"
          autocomplete="current-password"
          autofocus
          value={secret}
          onInput={(event) => type(event.currentTarget.value)}
        />
      ) : (
        <>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: a larger mark for the button in it, by mouse only */}
          <div
            class="key-drop"
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault()
              void read(event.dataTransfer?.files[0])
            }}
          >
            <Button icon={FileKey} onClick={() => picker.current?.click()} autofocus>
              {key ? 'Choose another' : 'Choose a key file'}
            </Button>
            <span>{key ? key.name : 'or drop it here'}</span>
            <input
              ref={picker}
              type="file"
              hidden
              aria-label="Key file"
              onChange={(event) => void read(event.currentTarget.files?.[0])}
            />
          </div>
          <Field
            key="passphrase"
            label="Passphrase"
            hint="Leave it empty if the key has none."
            error={problem}
            type="password"
            autocomplete="off"
            value={secret}
            onInput={(event) => type(event.currentTarget.value)}
          />
        </>
      )}
    </Dialog>
  )
}
