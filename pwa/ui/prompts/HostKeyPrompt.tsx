import { useState } from 'preact/hooks'
import type { HostKeyQuestion } from '../../model/prompts.ts'
import { useDesk } from '../desk.ts'
import { hostText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Check } from '../kit/Field.tsx'
import { Fingerprint } from './Fingerprint.tsx'
import { keyTypeText } from './keyType.ts'
import { type PromptProps, throughRelay } from './PromptDialog.tsx'

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

/** Is this the host? The first time it is a question; when the key has changed it is an alarm that defaults to leaving. */
export function HostKeyPrompt(props: PromptProps<HostKeyQuestion>) {
  return props.question.judgement === 'new' ? <FirstTime {...props} /> : <Changed {...props} />
}

function place(question: HostKeyQuestion, prompt: PromptProps<HostKeyQuestion>['prompt']): string {
  return `${keyTypeText(question.type)} · ${hostText(question.host)}, port ${question.port} · ${throughRelay(prompt)}`
}

function FirstTime({ prompt, question, answer, cancel }: PromptProps<HostKeyQuestion>) {
  return (
    <Dialog
      title={`First time on ${question.host}`}
      onClose={cancel}
      onSubmit={() => answer({ kind: 'host-key', accept: true })}
      actions={
        <>
          <Button onClick={cancel}>Cancel</Button>
          <Button kind="primary" type="submit" autofocus>
            Trust and connect
          </Button>
        </>
      }
    >
      <p>
        Nothing has been sent yet. Compare this with what the server's owner tells you, then it is remembered in this
        browser.
      </p>
      <Fingerprint of={question.fingerprint} label={place(question, prompt)} />
    </Dialog>
  )
}

function Changed({ prompt, question, cancel }: PromptProps<HostKeyQuestion>) {
  const { app, view } = useDesk()
  const [sure, be] = useState(false)
  const [forgetting, forget] = useState(false)
  const builtIn = question.known.length === 0
  return (
    <Dialog
      title={`${question.host} has a different key`}
      shape="alarm"
      onClose={cancel}
      onSubmit={cancel}
      actions={
        <>
          {!forgetting && !builtIn && (
            <Button kind="danger" onClick={() => forget(true)}>
              Forget the old key…
            </Button>
          )}
          {forgetting && (
            <Button
              kind="danger"
              disabled={!sure}
              onClick={() => void app.prompts.forget(prompt.id).catch((error) => view.fail(error))}
            >
              Forget it
            </Button>
          )}
          <Button kind="primary" type="submit" autofocus>
            Disconnect
          </Button>
        </>
      }
    >
      <p>
        Someone may be between you and the server, or it was reinstalled. No password or signature has been sent, and
        none will be.
      </p>
      {question.known.map((known) => (
        <Fingerprint
          key={known.fingerprint}
          of={known.fingerprint}
          label={`${keyTypeText(known.type)} · known since ${day.format(known.addedAt)}`}
        />
      ))}
      <Fingerprint alarm of={question.fingerprint} label={`Now · ${place(question, prompt)}`} />
      {forgetting && (
        <Check
          label="The owner of the server has told me that its key is new"
          hint="The new key is then shown as on a first visit; you still decide about it."
          checked={sure}
          onChange={be}
        />
      )}
    </Dialog>
  )
}
