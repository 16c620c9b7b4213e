import type { Webssh2Message } from './webssh2Events.ts'

interface Input {
  id: string
  label: string
  type: 'text' | 'password'
  /** Where it is not, an empty answer is one. */
  required: boolean
}

interface Asked {
  id: string
  title: string
  message?: string | undefined
  inputs: Input[]
  /** Milliseconds to answer in. */
  timeout: number
}

/** The payload of a `prompt` that wants something typed. */
export function inputPrompt({ message, ...asked }: Asked) {
  return {
    ...asked,
    ...(message && { message }),
    type: 'input',
    buttons: [
      { action: 'submit', label: 'Submit', variant: 'primary' },
      { action: 'cancel', label: 'Cancel', variant: 'secondary' },
    ],
    severity: 'info',
    icon: 'key',
    autoFocus: true,
    closeOnBackdrop: false,
  }
}

/** Whether the person would not answer. */
export const declined = ({ action }: Pick<Webssh2Message<'prompt-response'>, 'action'>) =>
  /^(cancel|dismiss|dismissed|close)$/.test(action)
