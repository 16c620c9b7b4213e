import { useState } from 'preact/hooks'
import type { Prompt } from '../../../shared/protocol.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'
import { type PromptProps, throughRelay } from './PromptDialog.tsx'
import { TimeLeft } from './TimeLeft.tsx'
import './InteractivePrompt.css'

/** The password has run out; the server wants a new one (RFC 4252 §8). */
export function PasswordChangePrompt({
  prompt,
  question,
  answer,
  cancel,
}: PromptProps<Extract<Prompt, { kind: 'password-change' }>>) {
  const [first, typeFirst] = useState('')
  const [second, typeSecond] = useState('')
  const [tried, tryIt] = useState(false)
  const differs = tried && first !== second
  return (
    <Dialog
      title={`${question.host} wants a new password`}
      onClose={cancel}
      onSubmit={() =>
        first && first === second ? answer({ kind: 'password-change', newPassword: first }) : tryIt(true)
      }
      actions={
        <>
          <TimeLeft prompt={prompt} />
          <Button onClick={cancel}>Cancel</Button>
          <Button kind="primary" type="submit">
            Change password
          </Button>
        </>
      }
    >
      <p>
        For <b>{question.username}</b>, port {question.port}, {throughRelay(prompt)}.
      </p>
      {question.message && <p class="server-words">{question.message}</p>}
      <Field
        label="New password"
        type="password"
        autocomplete="new-password"
        autofocus
        value={first}
        onInput={(event) => typeFirst(event.currentTarget.value)}
      />
      <Field
        label="The same again"
        type="password"
        autocomplete="new-password"
        error={differs ? 'The two are not the same.' : undefined}
        value={second}
        onInput={(event) => typeSecond(event.currentTarget.value)}
      />
    </Dialog>
  )
}
