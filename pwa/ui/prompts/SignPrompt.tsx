import type { SignQuestion } from '../../model/signPrompts.ts'
import { hostText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { type PromptProps, throughRelay } from './PromptDialog.tsx'
import { TimeLeft } from './TimeLeft.tsx'

/** Log in with a key that the person wants to be asked about each time? What is signed has been checked by then. */
export function SignPrompt({ prompt, question, answer, cancel }: PromptProps<SignQuestion>) {
  return (
    <Dialog
      title={`Log in with ${question.key}?`}
      onClose={cancel}
      onSubmit={() => answer({ kind: 'agreed' })}
      actions={
        <>
          <TimeLeft prompt={prompt} />
          <Button onClick={cancel}>Cancel</Button>
          <Button kind="primary" type="submit" autofocus>
            Log in
          </Button>
        </>
      }
    >
      <p>
        As <b>{question.username}</b> on <b>{hostText(question.host)}</b>, port {question.port}, {throughRelay(prompt)}.
      </p>
      <p>The signature is good for this login only. The key stays in this browser.</p>
    </Dialog>
  )
}
