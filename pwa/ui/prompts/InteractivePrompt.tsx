import { useState } from 'preact/hooks'
import type { Prompt } from '../../../shared/protocol.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'
import { type PromptProps, throughRelay } from './PromptDialog.tsx'
import { TimeLeft } from './TimeLeft.tsx'
import './InteractivePrompt.css'

/** What the server asks in its own words: one-time codes and the like (RFC 4256). */
export function InteractivePrompt({
  prompt,
  question,
  answer,
  cancel,
}: PromptProps<Extract<Prompt, { kind: 'keyboard-interactive' }>>) {
  const [responses, type] = useState<readonly string[]>(question.prompts.map(() => ''))
  return (
    <Dialog
      title={`${question.host} asks`}
      onClose={cancel}
      onSubmit={() => answer({ kind: 'keyboard-interactive', responses: [...responses] })}
      actions={
        <>
          <TimeLeft prompt={prompt} />
          <Button onClick={cancel}>Cancel</Button>
          <Button kind="primary" type="submit">
            Continue
          </Button>
        </>
      }
    >
      <p>
        For <b>{question.username}</b> on {question.host}, port {question.port}, {throughRelay(prompt)}.
      </p>
      {(question.name || question.instructions) && (
        <p class="server-words">
          {question.name && <b>{question.name}</b>}
          {question.name && question.instructions && '\n'}
          {question.instructions}
        </p>
      )}
      {question.prompts.map(({ text, echo }, index) => (
        <Field
          key={index}
          label={text.replace(/:\s*$/, '') || 'Answer'}
          type={echo ? 'text' : 'password'}
          autocomplete={/code|otp|token/i.test(text) ? 'one-time-code' : 'off'}
          autofocus={index === 0}
          value={responses[index]}
          onInput={(event) => type(responses.with(index, event.currentTarget.value))}
        />
      ))}
    </Dialog>
  )
}
