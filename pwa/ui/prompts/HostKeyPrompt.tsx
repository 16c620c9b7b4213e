import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { showRelaySight } from '../../commands/show-relay-sight.ts'
import type { HostKeyQuestion } from '../../model/prompts.ts'
import { useDesk } from '../desk.ts'
import { hostText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Check } from '../kit/Field.tsx'
import { Fingerprint } from './Fingerprint.tsx'
import { keyTypeText } from './keyType.ts'
import { type PromptProps, throughRelay } from './PromptDialog.tsx'
import { TimeLeft } from './TimeLeft.tsx'
import './HostKeyPrompt.css'

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
/** Hosts with the same key that are named. */
const NAMED = 3

type Props = PromptProps<HostKeyQuestion>
type Known = HostKeyQuestion['known'][number]

/** Is this the host? The first time it is a question; a key that is not the known one is an alarm that defaults to leaving. */
export function HostKeyPrompt(props: Props) {
  switch (props.question.judgement) {
    case 'new':
      return <FirstTime {...props} />
    case 'announced':
      return <Announced {...props} />
    case 'changed':
      return <Changed {...props} />
    case 'revoked':
      return <Revoked {...props} />
  }
}

function place(question: HostKeyQuestion, prompt: Props['prompt']): string {
  return `${keyTypeText(question.type)} · ${hostText(question.host)}, port ${question.port} · ${throughRelay(prompt)}`
}

/** A question that yes is an answer to. */
function Trust({
  prompt,
  question,
  answer,
  cancel,
  title,
  children,
}: Props & { title: string; children: ComponentChildren }) {
  const desk = useDesk()
  return (
    <Dialog
      title={title}
      onClose={cancel}
      onSubmit={() => answer({ kind: 'host-key', accept: true })}
      actions={
        <>
          <TimeLeft prompt={prompt} />
          <Button onClick={cancel}>Cancel</Button>
          <Button kind="primary" type="submit" autofocus>
            Trust and connect
          </Button>
        </>
      }
    >
      {children}
      <Fingerprint of={question.fingerprint} label={place(question, prompt)} />
      <Elsewhere names={question.elsewhere} />
      <div>
        <Button kind="bare" onClick={() => void desk.run(showRelaySight)}>
          What can the relay see?
        </Button>
      </div>
    </Dialog>
  )
}

function FirstTime(props: Props) {
  return (
    <Trust {...props} title={`First time on ${props.question.host}`}>
      <p>
        Nothing has been sent yet. Compare this with what the server's owner tells you, then it is remembered in this
        browser.
      </p>
    </Trust>
  )
}

function Announced(props: Props) {
  const { question, prompt } = props
  const relay = useRelay()
  const known = question.known.find(({ key }) => key === question.key)
  const same = known?.endpointId === prompt.relay.id
  return (
    <Trust {...props} title={`${question.host} shows the key that it announced`}>
      <p>
        {known && `On ${day.format(known.addedAt)} `}the host said, over a connection with the key that you know, that
        this one is its own as well. That is how servers change their keys.{' '}
        {same
          ? `This browser has that from relay ${prompt.relay.label} alone.`
          : `That came through relay ${relay(known?.endpointId)}; now you come through relay ${prompt.relay.label}.`}
      </p>
    </Trust>
  )
}

function Changed({ prompt, question, cancel }: Props) {
  const { app, view } = useDesk()
  const [sure, be] = useState(false)
  const [forgetting, forget] = useState(false)
  const builtIn = question.known.length === 0
  const patterns = question.known.flatMap(({ hosts }) => hosts ?? [])
  return (
    <Alarm
      title={`${question.host} has a different key`}
      prompt={prompt}
      leave={cancel}
      danger={
        builtIn ? undefined : forgetting ? (
          <Button
            kind="danger"
            disabled={!sure}
            onClick={() => void app.prompts.forget(prompt.id).catch((error) => view.fail(error))}
          >
            Forget it
          </Button>
        ) : (
          <Button kind="danger" onClick={() => forget(true)}>
            Forget the old key…
          </Button>
        )
      }
    >
      <p>
        Someone may be between you and the server, or it was reinstalled. No password or signature has been sent, and
        none will be.
      </p>
      <OtherRelay prompt={prompt} question={question} />
      {question.known.map((known) => (
        <KnownKey key={known.key} known={known} />
      ))}
      <Fingerprint alarm of={question.fingerprint} label={`Now · ${place(question, prompt)}`} />
      <Elsewhere names={question.elsewhere} />
      {forgetting && (
        <Check
          label="The owner of the server has told me that its key is new"
          hint={
            patterns.length > 0
              ? `What is known of ${[...new Set(patterns)].join(', ')} is forgotten with it, for all those hosts. The new key is then shown as on a first visit.`
              : 'The new key is then shown as on a first visit; you still decide about it.'
          }
          checked={sure}
          onChange={be}
        />
      )}
    </Alarm>
  )
}

function Revoked({ prompt, question, cancel }: Props) {
  return (
    <Alarm title={`${question.host} shows a revoked key`} prompt={prompt} leave={cancel}>
      <p>
        You, or a file that you have read in, have marked this key as one that must never be trusted: somebody else may
        have it. Nothing has been sent, and it cannot be accepted.
      </p>
      <Fingerprint alarm of={question.fingerprint} label={`Revoked · ${place(question, prompt)}`} />
      <p>
        {question.elsewhere.length > 0 &&
          `It is known for ${namesText(question.elsewhere)}, and not good there either. `}
        If it was revoked by mistake, forget that under “Known hosts”.
      </p>
    </Alarm>
  )
}

/** A dialog whose one way on is to leave. */
function Alarm({
  title,
  prompt,
  leave,
  danger,
  children,
}: {
  title: string
  prompt: Props['prompt']
  leave(): void
  danger?: ComponentChildren
  children: ComponentChildren
}) {
  return (
    <Dialog
      title={title}
      shape="alarm"
      onClose={leave}
      onSubmit={leave}
      actions={
        <>
          <TimeLeft prompt={prompt} />
          {danger}
          <Button kind="primary" type="submit" autofocus>
            Disconnect
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  )
}

function KnownKey({ known }: { known: Known }) {
  const relay = useRelay()
  const { from, endpointId, hosts, absentSince } = known
  const since = day.format(known.addedAt)
  const how =
    from === 'announced'
      ? `announced on ${since}`
      : from === 'file'
        ? `from a file since ${since}`
        : `known since ${since}`
  const label = [
    keyTypeText(known.type),
    endpointId === undefined ? how : `${how} through relay ${relay(endpointId)}`,
    ...(hosts === undefined ? [] : [`for ${hosts}`]),
    ...(absentSince === undefined ? [] : [`no longer announced since ${day.format(absentSince)}`]),
  ]
  return <Fingerprint of={known.fingerprint} label={label.join(' · ')} />
}

/** Two relays that show different keys for one host: one of them may be lying, or they stand in different networks. */
function OtherRelay({ prompt, question }: Pick<Props, 'prompt' | 'question'>) {
  const relay = useRelay()
  const through = new Set(question.known.flatMap(({ endpointId }) => endpointId ?? []))
  if (through.size === 0 || through.has(prompt.relay.id)) return null
  return (
    <p class="told">
      Until now you came through relay {[...through].map(relay).join(' and ')}, and this is the first time through relay{' '}
      {prompt.relay.label}. Either this name means different machines there, or one of the two ways is not what it
      seems.
    </p>
  )
}

function Elsewhere({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null
  return (
    <p class="told">
      The very same key is known for <b>{namesText(names)}</b>. If that is the same machine, this is what to expect. If
      not, one of them has the other's key, and can pass for it.
    </p>
  )
}

function namesText(names: readonly string[]): string {
  const more = names.length - NAMED
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** Names a relay by its id. */
function useRelay(): (id: string | undefined) => string {
  const { app } = useDesk()
  return (id) => (id === undefined ? undefined : app.endpoints.view(id)?.label) ?? 'that was forgotten'
}
