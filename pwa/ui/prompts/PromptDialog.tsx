import type { OpenPrompt, PromptAnswer } from '../../model/prompts.ts'
import { useDesk } from '../desk.ts'
import { AgentPrompt } from './AgentPrompt.tsx'
import { HostKeyPrompt } from './HostKeyPrompt.tsx'
import { InteractivePrompt } from './InteractivePrompt.tsx'
import { LoginPrompt } from './LoginPrompt.tsx'
import { PasswordChangePrompt } from './PasswordChangePrompt.tsx'
import { SignPrompt } from './SignPrompt.tsx'
import { UsernamePrompt } from './UsernamePrompt.tsx'

/** What each kind of prompt is given. */
export interface PromptProps<Q> {
  prompt: OpenPrompt
  question: Q
  answer(answer: PromptAnswer): void
  cancel(): void
}

/** The question that a relay asks on behalf of the tab in front. */
export default function PromptDialog({ prompt }: { prompt: OpenPrompt }) {
  const { app, view } = useDesk()
  const { question } = prompt
  const failed = (error: unknown) => view.fail(error)
  const props = {
    prompt,
    answer: (answer: PromptAnswer) => void app.prompts.answer(prompt.id, answer).catch(failed),
    cancel: () => void app.prompts.cancel(prompt.id).catch(failed),
  }
  switch (question.kind) {
    case 'host-key':
      return <HostKeyPrompt {...props} question={question} />
    case 'login':
      return <LoginPrompt {...props} question={question} />
    case 'keyboard-interactive':
      return <InteractivePrompt {...props} question={question} />
    case 'password-change':
      return <PasswordChangePrompt {...props} question={question} />
    case 'username':
      return <UsernamePrompt {...props} question={question} />
    case 'sign':
      return <SignPrompt {...props} question={question} />
    case 'agent-sign':
      return <AgentPrompt {...props} question={question} />
  }
}

/** How the relay of a prompt is named in a sentence. */
export function throughRelay({ relay }: OpenPrompt): string {
  return `via relay ${relay.label}`
}
