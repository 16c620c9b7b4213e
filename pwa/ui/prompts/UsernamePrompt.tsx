import { useState } from 'preact/hooks'
import type { UsernameQuestion } from '../../model/prompts.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'
import { type PromptProps, throughRelay } from './PromptDialog.tsx'

/** As whom? The one thing that an address may leave out and SSH must have. */
export function UsernamePrompt({ prompt, question, answer, cancel }: PromptProps<UsernameQuestion>) {
  const [username, type] = useState('')
  const [tried, tryIt] = useState(false)
  return (
    <Dialog
      title={`Log in to ${question.host}`}
      onClose={cancel}
      onSubmit={() => (username.trim() ? answer({ kind: 'username', username: username.trim() }) : tryIt(true))}
      actions={
        <>
          <Button onClick={cancel}>Cancel</Button>
          <Button kind="primary" type="submit">
            Continue
          </Button>
        </>
      }
    >
      <p>
        Port {question.port}, {throughRelay(prompt)}. Next time you can type <code>name@{question.host}</code>.
      </p>
      <Field
        label="User name"
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        autofocus
        error={tried && !username.trim() ? 'A user name is needed.' : undefined}
        value={username}
        onInput={(event) => type(event.currentTarget.value)}
      />
    </Dialog>
  )
}
