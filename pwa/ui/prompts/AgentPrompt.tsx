import type { AgentQuestion } from '../../model/signPrompts.ts'
import { hostText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { type PromptProps, throughRelay } from './PromptDialog.tsx'
import { TimeLeft } from './TimeLeft.tsx'
import './AgentPrompt.css'

/** May a program on a host use a key? Refusing is the default: what is signed there serves whoever rules that host. */
export function AgentPrompt({ prompt, question, answer, cancel }: PromptProps<AgentQuestion>) {
  const { wants } = question
  const anywhere = wants.kind === 'login' && !wants.hosts?.length
  return (
    <Dialog
      title={`${hostText(question.host)} wants to use a key of yours`}
      shape={anywhere ? 'alarm' : 'card'}
      onClose={cancel}
      onSubmit={cancel}
      actions={
        <>
          <TimeLeft prompt={prompt} />
          <Button kind={anywhere ? 'danger' : 'plain'} onClick={() => answer({ kind: 'agreed' })}>
            Sign once
          </Button>
          <Button kind="primary" type="submit" autofocus>
            Refuse
          </Button>
        </>
      }
    >
      <dl class="agent-request">
        <dt>Asked by</dt>
        <dd>
          a program of <b>{question.username}</b> on {hostText(question.host)}, port {question.port},{' '}
          {throughRelay(prompt)}
        </dd>
        <dt>Key</dt>
        <dd>{question.key}</dd>
        <dt>For</dt>
        <dd>
          <Wanted wants={wants} />
        </dd>
      </dl>
      <p>Sign only what you have just begun there yourself: the owner of that host, or the relay, can ask the same.</p>
    </Dialog>
  )
}

function Wanted({ wants }: Pick<AgentQuestion, 'wants'>) {
  if (wants.kind === 'message') {
    const name = purposes[wants.namespace]
    return name ? (
      <>a signature of {name}</>
    ) : (
      <>
        a signature for the purpose “<b>{wants.namespace}</b>”
      </>
    )
  }
  const user = <b>{wants.username}</b>
  if (wants.hosts === undefined) {
    return <>a login as {user} at a host that is not said: the signature is good wherever this key is accepted</>
  }
  if (wants.hosts.length === 0) return <>a login as {user} at a host that this browser does not know</>
  return (
    <>
      a login as {user} on <b>{wants.hosts.slice(0, 3).join(', ')}</b>
      {wants.hosts.length > 3 && ` or ${wants.hosts.length - 3} more with the same key`}
    </>
  )
}

const purposes: Partial<Record<string, string>> = { git: 'a Git commit or tag', file: 'a file' }
